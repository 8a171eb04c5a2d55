#!/bin/sh
# Brings the issues of a repository to what the epic says. A second run changes nothing.
# usage: sh github.sh OWNER/NAME [TITLE-OF-PROJECT]
# Needs gh, signed in (`gh auth login`); for a project also `gh auth refresh -s project`.
set -eu
repo=${1:?usage: sh github.sh OWNER/NAME [TITLE-OF-PROJECT]}
project=${2:-}
milestone=null
work=$(mktemp -d)
held=$work/held
: >"$work/finished"
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*"; }

# One line for each issue of ours, with the columns of `of`. The oldest of a key counts.
gh api --paginate "repos/$repo/issues?state=all&sort=created&direction=asc&per_page=100" --jq '.[]
    | select(.pull_request == null)
    | {number, id, state, node_id, mark: ((.body // "") | [match("golive ([A-Z][A-Z0-9-]*) ([0-9a-f]{8})"; "g")] | last)}
    | select(.mark != null)
    | "\(.mark.captures[0].string) \(.mark.captures[1].string) \(.number) \(.id) \(.state) \(.node_id)"' >"$held"

# The column of a ticket: 2 version, 3 number, 4 id, 5 state, 6 global id.
of() { awk -v key="$1" -v column="$2" '$1 == key { print $column; exit }' "$held"; }

label() {
    [ -e "$work/labels" ] ||
        gh api --paginate "repos/$repo/labels?per_page=100" --jq '.[].name' >"$work/labels"
    grep -qxF "$1" "$work/labels" && return
    say "add label $1"
    gh api "repos/$repo/labels" -f name="$1" -f color="$2" >/dev/null
}

milestone() {
    milestone=$(gh api --paginate "repos/$repo/milestones?state=all&per_page=100" \
        --jq '.[] | "\(.number) \(.title)"' | awk -v title="$1" 'substr($0, index($0, " ") + 1) == title { print $1; exit }')
    [ -z "$milestone" ] || return 0
    say "add milestone $1"
    milestone=$(gh api "repos/$repo/milestones" -f title="$1" ${2:+-f due_on="$2"} --jq .number)
}

# On stdin come the content, with MILESTONE for the milestone's number, and the labels: a line each.
issue() {
    IFS= read -r content
    IFS= read -r labels
    content=$(printf '%s' "$content" | sed "s/\"milestone\": \"MILESTONE\"/\"milestone\": $milestone/")
    [ "$(of "$1" 2)" != "$2" ] || return 0
    if [ -n "$(of "$1" 3)" ]; then
        say "update $1"
        relabel "$1" "$labels"
        printf '%s' "$content" | gh api -X PATCH "repos/$repo/issues/$(of "$1" 3)" --input - >/dev/null
    else
        say "create $1"
        printf '%s' "${content%?}, ${labels#?}" | gh api -X POST "repos/$repo/issues" --input - \
            --jq "\"$1 $2 \(.number) \(.id) \(.state) \(.node_id)\"" >>"$held"
    fi
}

# Labels that people added stay.
relabel() {
    there="repos/$repo/issues/$(of "$1" 3)/labels"
    for old in $(gh api "$there" --jq '.[].name | select(test("^(priority|area|story-points):")) | @uri | gsub("\\+"; "%20")'); do
        gh api -X DELETE "$there/$old" >/dev/null
    done
    printf '%s' "$2" | gh api -X POST "$there" --input - >/dev/null
}

# relate KEY PATH FIELD OTHER: the other issue's id is a number, which `gh api -f` would send as text.
relate() {
    there="repos/$repo/issues/$(of "$1" 3)/$2"
    listed=$work/$1.$3
    [ -e "$listed" ] || gh api --paginate "$there?per_page=100" --jq '.[].id' >"$listed"
    grep -qx "$(of "$4" 4)" "$listed" && return
    say "$2 of $1: $4"
    printf '{"%s": %s}' "$3" "$(of "$4" 4)" | gh api -X POST "$there" --input - >/dev/null
}

nest() { relate "$2" sub_issues sub_issue_id "$1"; }
block() { relate "$1" dependencies/blocked_by issue_id "$2"; }

finish() {
    [ "$(of "$1" 5)" = open ] || return 0
    say "finish $1"
    # The comment last: what is tried again must not leave one each time.
    gh api -X PATCH "repos/$repo/issues/$(of "$1" 3)" -f state=closed -f state_reason=completed \
        </dev/null >/dev/null
    gh api -X POST "repos/$repo/issues/$(of "$1" 3)/comments" --input - >/dev/null
    printf '%s\n' "$1" >>"$work/finished"
}
