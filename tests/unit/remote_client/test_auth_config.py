"""Connection settings from the file and the environment, typed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from remote_client._client.auth import AuthType
from remote_client._client.auth.api_key import ApiKey
from remote_client._client.config import ConfigError, ConnectionConfig, find_config_file
from remote_client._client.endpoint import EndpointError

FILE: dict[str, Any] = {
    "admin": {
        "endpoint": "dns:///flyte.example.com",
        "insecure": False,
        "authType": "DeviceFlow",
        "clientId": "me",
        "scopes": ["all", "offline"],
        "caCertFilePath": "/etc/ca.pem",
        "httpProxyURL": "http://proxy:3128",
        "command": ["tool", "token"],
        "disableKeyring": True,
    },
    "console": {"endpoint": "https://board.example.com"},
    "task": {"org": "acme", "project": "flytesnacks", "domain": "development"},
}


def write(path: Path, values: object = FILE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(values))
    return path


def load(tmp_path: Path, values: object = None, **env: str) -> ConnectionConfig:
    path = write(tmp_path / "given.yaml", values) if values is not None else None
    empty = tmp_path / "empty"
    empty.mkdir(exist_ok=True)
    return ConnectionConfig.load(path, env=env, cwd=empty, home=empty)


def test_it_reads_the_file(tmp_path: Path) -> None:
    config = load(tmp_path, FILE)
    assert config.endpoint is not None
    assert (config.endpoint.address, config.endpoint.insecure) == ("flyte.example.com:443", False)
    assert (config.org, config.project, config.domain) == ("acme", "flytesnacks", "development")
    assert config.console_endpoint == "https://board.example.com"
    assert config.source == tmp_path / "given.yaml"
    auth = config.auth
    assert auth.auth_type is AuthType.DEVICE_FLOW
    assert (auth.client_id, auth.scopes) == ("me", ("all", "offline"))
    assert (auth.ca_cert_file, auth.http_proxy_url) == (Path("/etc/ca.pem"), "http://proxy:3128")
    assert (auth.command, auth.disable_keyring) == (("tool", "token"), True)


def test_it_works_with_neither_file_nor_environment(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config == ConnectionConfig()
    assert config.auth.auth_type is None


def test_it_works_with_the_environment_alone(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        FLYTE_ADMIN_ENDPOINT="localhost:8090",
        FLYTE_ADMIN_INSECURE="true",
        FLYTE_TASK_PROJECT="p",
        FLYTE_TASK_DOMAIN="d",
    )
    assert config.endpoint is not None
    assert config.endpoint.insecure
    assert (config.project, config.domain) == ("p", "d")


@pytest.mark.parametrize("word", ["false", "FALSE", "0", "no", "off", " f "])
def test_false_is_false(tmp_path: Path, word: str) -> None:
    config = load(tmp_path, FLYTE_ENDPOINT="h:1", FLYTE_INSECURE=word)
    assert config.endpoint is not None
    assert not config.endpoint.insecure


def test_a_variable_wins_over_the_file_and_our_short_name_over_the_long_one(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        FILE,
        FLYTE_ENDPOINT="short:1",
        FLYTE_ADMIN_ENDPOINT="long:1",
        FLYTE_AUTH_TYPE="pkce",
        FLYTE_CA_CERT="/mine.pem",
        FLYTE_TASK_ORG="",
    )
    assert config.endpoint is not None
    assert config.endpoint.host == "short"
    assert config.auth.auth_type is AuthType.PKCE
    assert config.auth.ca_cert_file == Path("/mine.pem")
    assert config.org == "acme", "an empty variable says nothing"


@pytest.mark.parametrize("text", ['["gcloud", "auth", "print token"]', "gcloud auth 'print token'"])
def test_a_list_is_json_or_shell_words(tmp_path: Path, text: str) -> None:
    config = load(tmp_path, FLYTE_AUTH_COMMAND=text, FLYTE_AUTH_PROXY_COMMAND=text)
    assert config.auth.command == ("gcloud", "auth", "print token")
    assert config.auth.proxy_command == ("gcloud", "auth", "print token")


def test_scopes_may_be_separated_by_commas(tmp_path: Path) -> None:
    assert load(tmp_path, FLYTE_ADMIN_SCOPES="all, offline").auth.scopes == ("all", "offline")


def test_it_knows_what_a_cluster_sets(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        _U_EP_OVERRIDE="host.docker.internal:8090",
        _U_ORG_NAME="acme",
        _U_INSECURE_SKIP_VERIFY="true",
        FLYTE_INTERNAL_EXECUTION_PROJECT="p",
        FLYTE_INTERNAL_EXECUTION_DOMAIN="d",
    )
    assert config.endpoint is not None
    assert config.endpoint.insecure
    assert (config.org, config.project, config.domain) == ("acme", "p", "d")
    assert config.auth.insecure_skip_verify
    remote = load(tmp_path, _U_EP_OVERRIDE="flyte.example.com:443").endpoint
    assert remote is not None
    assert not remote.insecure


def test_a_url_in_the_environment_is_not_bent_by_the_files_flag(tmp_path: Path) -> None:
    values = {"admin": {"endpoint": "localhost:8090", "insecure": True}}
    config = load(tmp_path, values, FLYTE_ENDPOINT="https://prod.example.com")
    assert config.endpoint is not None
    assert not config.endpoint.insecure


def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EndpointError, match="Change one"):
        load(tmp_path, {"admin": {"endpoint": "https://h", "insecure": True}})


def test_a_secret_in_a_file_decides_the_auth_type(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    admin = {"clientSecretLocation": str(secret), "clientId": "me", "authType": "Pkce"}
    auth = load(tmp_path, {"admin": admin}).auth
    assert auth.auth_type is AuthType.CLIENT_SECRET
    assert auth.client_secret == "s3cret"


def test_a_secret_in_a_variable_decides_the_auth_type(tmp_path: Path) -> None:
    values = {"admin": {"clientSecretEnvVar": "MINE"}}
    auth = load(tmp_path, values, MINE="s3cret").auth
    assert (auth.auth_type, auth.client_secret) == (AuthType.CLIENT_SECRET, "s3cret")
    assert load(tmp_path, values).auth.auth_type is None


def test_client_credentials_without_a_secret_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="clientSecretLocation"):
        load(tmp_path, {"admin": {"authType": "ClientSecret"}})


def test_an_api_key_decides_endpoint_and_sign_in(tmp_path: Path) -> None:
    key = base64.b64encode(b"dns:///h:8089:app:s3:cret:acme2").decode()
    config = load(tmp_path, FILE, FLYTE_API_KEY=key)
    assert config.endpoint is not None
    assert config.endpoint.address == "h:8089"
    assert config.org == "acme2"
    assert config.auth.auth_type is AuthType.CLIENT_SECRET
    assert (config.auth.client_id, config.auth.client_secret) == ("app", "s3:cret")
    assert config.auth.ca_cert_file == Path("/etc/ca.pem")
    assert "s3:cret" not in repr(config)


@pytest.mark.parametrize(
    ("values", "env", "says"),
    [
        ({"admin": {"insecure": "maybe"}, "x": 1}, {"FLYTE_ENDPOINT": "h"}, "admin.insecure in"),
        ({}, {"FLYTE_ENDPOINT": "h", "FLYTE_INSECURE": "maybe"}, "FLYTE_INSECURE must be true"),
        ({}, {"FLYTE_AUTH_TYPE": "magic"}, "FLYTE_AUTH_TYPE: Unknown auth type 'magic'"),
        ({}, {"FLYTE_AUTH_COMMAND": "tool 's3cret"}, "FLYTE_AUTH_COMMAND is neither"),
        ({}, {"FLYTE_AUTH_COMMAND": '["s3cret'}, "FLYTE_AUTH_COMMAND is neither"),
        ({"admin": {"command": {"s3cret": 1}}}, {}, "admin.command in .* must be a list"),
        ({"task": {"project": ["p"]}}, {}, "task.project in .* must be text"),
        ([1], {}, "must hold sections"),
        ({}, {"FLYTE_API_KEY": "s3cret"}, "FLYTE_API_KEY: This is no API key"),
        ({}, {"FLYTE_ENDPOINT": "ftp://h"}, "host:port"),
    ],
)
def test_it_names_what_cannot_be_used_and_repeats_no_secret(
    tmp_path: Path, values: object, env: dict[str, str], says: str
) -> None:
    with pytest.raises(ValueError, match=says) as wrong:
        load(tmp_path, values, **env)
    assert "s3cret" not in str(wrong.value)


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("admin:\n  clientSecret: [s3cret\n")
    with pytest.raises(ConfigError, match=r"broken.yaml is no valid YAML \(line 3\)") as wrong:
        ConnectionConfig.load(path, env={})
    assert "s3cret" not in str(wrong.value)


def test_a_given_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        ConnectionConfig.load(tmp_path / "missing.yaml", env={})
    with pytest.raises(ConfigError, match="UCTL_CONFIG"):
        find_config_file({"UCTL_CONFIG": str(tmp_path / "missing.yaml")}, tmp_path, tmp_path)


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert ConnectionConfig.load(tmp_path / "empty.yaml", env={}).endpoint is None


def test_it_looks_in_the_order_of_the_sdk(tmp_path: Path) -> None:
    home, root = tmp_path / "home", tmp_path / "repo"
    here = root / "a" / "b"
    here.mkdir(parents=True)
    (root / ".git").mkdir()
    named = {name: str(write(tmp_path / f"{name}.yaml")) for name in ("UCTL", "FLYTECTL")}
    env = {f"{name}_CONFIG": path for name, path in named.items()}
    order = [
        write(here / "config.yaml"),
        write(here / ".flyte" / "config.yaml"),
        write(root / ".flyte" / "config.yaml"),
        tmp_path / "UCTL.yaml",
        tmp_path / "FLYTECTL.yaml",
        write(home / ".union" / "config.yaml"),
        write(home / ".flyte" / "config.yaml"),
    ]
    for expected in order:
        assert find_config_file(env, here, home) == expected
        expected.unlink()
        env = {name: path for name, path in env.items() if path != str(expected)}
    assert find_config_file(env, here, home) is None


def test_a_config_file_of_another_program_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "config.yaml", {"server": {"port": 1}})
    own = write(tmp_path / ".flyte" / "config.yaml")
    assert find_config_file({}, tmp_path, tmp_path / "home") == own
    (tmp_path / "config.yaml").write_text("{{ template }}: [")
    assert find_config_file({}, tmp_path, tmp_path / "home") == own


@pytest.mark.parametrize(
    ("text", "address", "insecure", "secret", "org"),
    [
        ("h.example.com:app:s3cret:acme", "h.example.com:443", False, "s3cret", "acme"),
        ("h:8089:app:s3cret:", "h:8089", False, "s3cret", None),
        ("dns:///h:app:s3cret:None", "h:443", False, "s3cret", None),
        ("dns:///h:8089:app:s:3:c:acme", "h:8089", False, "s:3:c", "acme"),
        ("https://h.example.com:app:s3cret:", "h.example.com:443", False, "s3cret", None),
        ("http://localhost:8090/:app:s:acme", "localhost:8090", True, "s", "acme"),
        ("[::1]:8090:app:s3cret:acme", "[::1]:8090", False, "s3cret", "acme"),
        ("h:app:s:3:acme", "h:443", False, "s:3", "acme"),
    ],
)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_it_decodes_api_keys(
    text: str, address: str, insecure: bool, secret: str, org: str | None, encode: Any
) -> None:
    written = encode(text.encode()).decode()
    for key_text in (written, written.rstrip("="), f" {written[:9]}\n{written[9:]} "):
        key = ApiKey.decode(key_text)
        assert (key.endpoint.address, key.endpoint.insecure) == (address, insecure)
        assert (key.client_id, key.client_secret, key.org) == ("app", secret, org)
        assert secret not in repr(key) or len(secret) < 6


@pytest.mark.parametrize("text", ["", "h:app:s3cret", "h::s3cret:o", "h:app::o", "://:a:s3cret:c"])
def test_it_refuses_what_is_no_api_key_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="API key") as wrong:
        ApiKey.decode(base64.b64encode(text.encode()).decode())
    assert "s3cret" not in str(wrong.value)
    with pytest.raises(ValueError, match="not base64"):
        ApiKey.decode("this is s3cret!")


def test_the_lists_of_the_environment_are_json(tmp_path: Path) -> None:
    config = load(tmp_path, FLYTE_ADMIN_SCOPES=json.dumps(["a b", "c"]))
    assert config.auth.scopes == ("a b", "c")
