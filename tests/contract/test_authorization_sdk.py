"""The real `flyte` command against a platform that asks for tokens."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flyteidl2.common.identifier_pb2 import RunIdentifier

from tests.contract.authorization_platform import SERVICE, GuardedPlatform
from tests.contract.platform_calls import DOMAIN, PROJECT, phase_name
from tests.flyte_command import ROOT, FlyteCommand

pytestmark = pytest.mark.sdk

PROGRAM = Path(__file__).with_name("platform_program.py")
CONFIG = """\
admin:
  endpoint: dns:///localhost:{port}
  caCertFilePath: {authority}
{how}task:
  project: flytesnacks
  domain: development
"""
DEVICE = "  authType: DeviceFlow\n"
SECRET = "  authType: ClientSecret\n  clientId: {client}\n  clientSecretLocation: secret\n"
_LINK = re.compile(r"https://localhost:\d+/oauth2/device\?user_code=[A-Z]{4}-[A-Z]{4}")


class SignedInCommand(FlyteCommand):
    """`flyte` in an empty home, set to sign in at the platform."""

    def __init__(self, platform: GuardedPlatform, folder: Path, how: str) -> None:
        super().__init__(platform.port, folder)
        self.platform = platform
        words = CONFIG.format(port=platform.port, authority=platform.authority, how=how)
        (folder / ".flyte" / "config.yaml").write_text(words)
        shutil.copy(PROGRAM, folder / "program.py")

    def _environment(self) -> dict[str, str]:
        # The SDK trusts `caCertFilePath` for calls only; its token requests and uploads go by this.
        return super()._environment() | {
            "SSL_CERT_FILE": str(self.platform.authority),
            "PYTHONUNBUFFERED": "1",
        }

    def as_person(self, person: str, *arguments: str) -> tuple[int, str]:
        """Runs the command while somebody watches for its links; its status and its output."""
        process = subprocess.Popen(
            [str(ROOT / ".venv-sdk/bin/flyte"), *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        limit = threading.Timer(120, process.kill)
        limit.start()
        printed = []
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                printed.append(line)
                found = _LINK.search(line)
                if found:
                    self.platform.click(found[0], person)
        status = process.wait()
        limit.cancel()
        return status, "".join(printed)


def _run_named(printed: str) -> RunIdentifier:
    found = re.search(r"/runs/([a-z0-9-]+)", printed)
    assert found, printed
    return RunIdentifier(project=PROJECT, domain=DOMAIN, name=found[1])


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedPlatform]:
    with GuardedPlatform(tmp_path_factory.mktemp("guarded") / "data") as platform:
        yield platform


@pytest.fixture
def service(guarded: GuardedPlatform, tmp_path: Path) -> SignedInCommand:
    (tmp_path / "secret").write_text(f"{guarded.secret}\n")
    return SignedInCommand(guarded, tmp_path, SECRET.format(client=SERVICE))


def test_the_command_signs_in_by_device_code(guarded: GuardedPlatform, tmp_path: Path) -> None:
    command = SignedInCommand(guarded, tmp_path, DEVICE)
    status, printed = command.as_person("otto", "run", "program.py", "hello", "--name", "gate")
    assert status == 0, printed
    with closing(guarded.calls(guarded.service_token())) as calls:
        run = _run_named(printed)
        ended = calls.wait(run)
        assert phase_name(ended.status.phase) == "SUCCEEDED"
        assert ended.metadata.executed_by.user.id.subject == "otto"
        assert "hello gate" in calls.text(run)


def test_a_refusal_on_the_other_screen_ends_the_command(
    guarded: GuardedPlatform,
    tmp_path: Path,
) -> None:
    status, printed = SignedInCommand(guarded, tmp_path, DEVICE).as_person("-", "get", "project")
    assert status != 0
    assert "denied" in printed
    assert "flytesnacks" not in printed


def test_the_command_signs_in_with_client_credentials(service: SignedInCommand) -> None:
    assert "flytesnacks" in service("get", "project")


def test_a_nested_fan_out_runs_to_its_end(service: SignedInCommand) -> None:
    printed = service("run", "program.py", "nested", "--n", "2")
    run = _run_named(printed)
    with closing(service.platform.calls(service.platform.service_token())) as calls:
        ended = calls.wait(run)
        assert phase_name(ended.status.phase) == "SUCCEEDED", calls.text(run)
        assert ended.metadata.executed_by.user.id.subject == SERVICE
        assert "UNAUTHENTICATED" not in calls.text(run)


def _refused(command: SignedInCommand) -> str:
    printed = command("get", "project", check=False)
    assert "flytesnacks" not in printed
    return printed


def test_a_wrong_secret_is_refused(guarded: GuardedPlatform, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("guessed")
    command = SignedInCommand(guarded, tmp_path, SECRET.format(client=SERVICE))
    assert "invalid_client" in _refused(command)


def test_a_made_up_token_is_refused(guarded: GuardedPlatform, tmp_path: Path) -> None:
    how = "  authType: ExternalCommand\n  command: [echo, guessed]\n"
    assert "not valid here" in _refused(SignedInCommand(guarded, tmp_path, how))


def test_without_any_token_the_command_is_refused(
    guarded: GuardedPlatform,
    tmp_path: Path,
) -> None:
    how = "  authType: Passthrough\n"
    assert "a bearer token is needed" in _refused(SignedInCommand(guarded, tmp_path, how))


def test_in_plain_text_the_command_is_refused(guarded: GuardedPlatform, tmp_path: Path) -> None:
    assert (
        "unavailable" in _refused(SignedInCommand(guarded, tmp_path, "  insecure: true\n")).lower()
    )
