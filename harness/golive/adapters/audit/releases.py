"""What the servers run, by the target file's commands."""

from golive.adapters.deploying.commands import command_of
from golive.model.deploying import Deploy, last_line
from golive.model.ports import Recorder
from golive.model.setting import Setting

RUNNING_SECONDS = 20.0


class ReleasesAdapter:
    """Questions of one step."""

    def __init__(self, deploy: Deploy | None, recorder: Recorder) -> None:
        self._deploy = deploy
        self._recorder = recorder

    def running(self) -> tuple[Setting, ...]:
        """In the order of a deploy; none where the target file does not say how it is done."""
        deploy = self._deploy
        return tuple(self._of(deploy, server) for server in deploy.order) if deploy else ()

    def _of(self, deploy: Deploy, server: str) -> Setting:
        with self._recorder.operation("RELEASE", server=server) as operation:
            ran = command_of(deploy, "running", node=server).run(RUNNING_SECONDS)
            release = last_line(ran.said)
            problem = ran.problem or ("" if release else "it printed nothing")
            if problem:
                operation.fail(error=problem)
            else:
                operation.ok(release=release)
        unknown = f"deploy.running: {problem}" if problem else ""
        return Setting(server, "release", release or None, unknown)
