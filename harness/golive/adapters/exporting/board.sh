
# graph DOCUMENT VARIABLES FILTER: variables without the braces, what is wanted of the answer.
graph() {
    printf '{"query": "%s", "variables": {%s}}' "$(printf '%s' "$1" | tr '\n' ' ')" "$2" |
        gh api graphql --input - --jq "$3"
}

# The project, made where the owner has none of that title, and its columns.
board() {
    [ -n "$project" ] || return 0
    title=$(printf '%s' "$project" | sed 's/[\\"]/\\&/g')
    asked="\"owner\": \"${repo%%/*}\", \"name\": \"${repo#*/}\", \"title\": \"$title\""
    graph "$FIND" "$asked" '.data.repository.owner.projectsV2.nodes[]
        | select(.closed | not) | "\(.id) \(.title)"' >"$work/projects"
    board=$(title=$project awk 'substr($0, index($0, " ") + 1) == ENVIRON["title"] { print $1; exit }' "$work/projects")
    if [ -z "$board" ]; then
        say "add project $project"
        place=$(graph "$FIND" "$asked" '.data.repository | "\"repositoryId\": \"\(.id)\", \"ownerId\": \"\(.owner.id)\""')
        board=$(graph "$MAKE" "\"input\": {$place, \"title\": \"$title\"}" '.data.createProjectV2.projectV2.id')
    fi
    divide
    graph "$LOOK" "$(status_of_board)" \
        '.data.node.field | .id, (.options[] | "\(.id) \(.name)")' >"$work/columns"
}

status_of_board() { printf '"project": "%s", "field": "%s"' "$board" "$STATUS"; }

# Options are written all at once. Those sent with their id keep their cards; on a board without
# cards nobody needs the ones that GitHub began it with.
divide() {
    options=$(graph "$LOOK" "$(status_of_board)" ".data.node
        | .field as \$field | (.items.nodes | length > 0) as \$taken | $BOARD_COLUMNS as \$ours
        | (\$field.options | map({key: .name, value: .}) | from_entries) as \$there
        | select(\$ours | any(\$there[.name] == null))
        | (if \$taken then \$field.options + (\$ours | map(select(\$there[.name] == null)))
            else \$ours | map(\$there[.name] // .) end) as \$options
        | {fieldId: \$field.id, singleSelectOptions: \$options} | tojson")
    [ -n "$options" ] || return 0
    say "divide project $project"
    graph "$DIVIDE" "\"input\": $options" .data >/dev/null
}

# card KEY: a new one into the first column; what was finished just now, and what is closed, into Done.
card() {
    [ -n "$project" ] || return 0
    lying=$(graph "$PUT" "\"input\": {\"projectId\": \"$board\", \"contentId\": \"$(of "$1" 6)\"}, \"field\": \"$STATUS\"" \
        '.data.addProjectV2ItemById.item | "\(.id) \(.fieldValueByName.name // "")"')
    column=$BACKLOG
    [ "$(of "$1" 5)" = open ] || column=$DONE
    if grep -qx "$1" "$work/finished"; then
        column=$DONE
    elif [ -n "${lying#* }" ]; then
        return 0
    fi
    say "card $1: $column"
    option=$(awk -v name="$column" 'NR > 1 && substr($0, index($0, " ") + 1) == name { print $1; exit }' "$work/columns")
    graph "$MOVE" "\"input\": {\"projectId\": \"$board\", \"itemId\": \"${lying%% *}\",
        \"fieldId\": \"$(head -n 1 "$work/columns")\", \"value\": {\"singleSelectOptionId\": \"$option\"}}" .data >/dev/null
}

