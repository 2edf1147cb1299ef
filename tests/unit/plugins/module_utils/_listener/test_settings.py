# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a listener. Each refusal is one sentence that names the option and shows no secret."""

from __future__ import annotations

import ssl
import typing as t

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.thingspace.plugins.module_utils._listener.settings import listener_settings_of

SECRET: t.Final = "a-path-secret-of-many-characters"
GOOD: t.Final = {"port": 9001, "path": SECRET}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATH", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"THINGSPACE_CALLBACK_{name}", raising=False)


def test_what_is_not_given() -> None:
    settings = listener_settings_of(GOOD)
    assert (settings.host, settings.port, settings.path) == ("127.0.0.1", 9001, f"/{SECRET}")
    assert (settings.tls, settings.username, settings.trusted_proxies) == (None, None, ())
    assert (settings.max_body_bytes, settings.max_per_minute, settings.request_timeout) == (65536, 120, 10.0)
    # The addresses of the service's documentation.
    assert [str(network) for network in settings.allowed][:2] == ["3.87.163.45/32", "3.91.119.203/32"]
    assert len(settings.allowed) == 8
    assert SECRET not in repr(settings)


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGSPACE_CALLBACK_PATH", f"/fota/{SECRET}?k=1")
    monkeypatch.setenv("THINGSPACE_CALLBACK_USERNAME", "user")
    monkeypatch.setenv("THINGSPACE_CALLBACK_PASSWORD", "word")
    settings = listener_settings_of({"port": "9001"})
    assert (settings.path, settings.username, settings.password) == (f"/fota/{SECRET}?k=1", "user", "word")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"port": None}, "port is missing: set it."),
        ({"port": True}, "port must be a whole number"),
        ({"port": 65536}, "port must be a whole number, from 1 to 65535, not 65536."),
        ({"port": 0}, "port must be a whole number, from 1 to 65535, not 0."),
        ({"port": "https"}, "port must be a whole number, not 'https'."),
        ({"path": None}, "path is missing: set it to the path of the registered url"),
        ({"path": "/short"}, "path is too short to be a secret"),
        ({"path": SECRET[:15]}, "path is too short to be a secret"),
        ({"path": f"/{SECRET[:15]}"}, "path is too short to be a secret"),
        ({"path": "/"}, "path is too short to be a secret"),
        ({"path": 12345678901234567890}, "path was read as a number"),
        ({"path": f"{SECRET} {SECRET}"}, "path must be in ASCII"),
        ({"path": f"{SECRET}#part"}, "path must be in ASCII"),
        ({"callback_username": "u"}, "callback_password is missing: set both"),
        ({"callback_password": "w"}, "callback_username is missing: set both"),
        (
            {"host": "0.0.0.0"},
            "certfile is missing: callbacks would travel unencrypted to host 0.0.0.0. Set it, or name the proxy in "
            "trusted_proxies that ends TLS.",
        ),
        ({"host": "listener.example"}, "certfile is missing: callbacks would travel unencrypted"),
        ({"keyfile": "/tmp/key.pem"}, "certfile is missing: set it, or remove keyfile."),
        ({"certfile": "/nowhere/cert.pem"}, "certfile /nowhere/cert.pem cannot be read: No such file or directory."),
        ({"certfile": __file__}, "certfile and keyfile cannot be used"),
        ({"allowed_addresses": []}, "allowed_addresses is an empty list: nobody could send a callback."),
        ({"allowed_addresses": ["3.87.163.0/33"]}, "allowed_addresses must be addresses or networks"),
        ({"allowed_addresses": ["10.0.0.5/8"]}, "allowed_addresses must be addresses or networks"),
        ({"allowed_addresses": ["thingspace.verizon.com"]}, "allowed_addresses must be addresses or networks"),
        ({"trusted_proxies": ["all"]}, "trusted_proxies must be addresses or networks"),
        ({"max_body_bytes": 10}, "max_body_bytes must be a whole number, from 1024 to 10000000, not 10."),
        ({"max_per_minute": 0}, "max_per_minute must be a whole number, from 1 to 100000, not 0."),
        ({"request_timeout": "soon"}, "request_timeout must be a time, greater than 0"),
        ({"request_timeout": 0}, "request_timeout must be a time, greater than 0"),
        ({"prot": 1}, "There is no option prot: did you mean port?"),
    ],
)
@pytest.mark.parametrize("is_embedded", [False, True])
def test_refusals(given: dict[str, t.Any], says: str, is_embedded: bool) -> None:
    def names(option: str) -> str:
        return f"callback_listener.{option}" if is_embedded else option

    merged = {name: value for name, value in {**GOOD, **given}.items() if value is not None}
    with pytest.raises(OptionError) as caught:
        listener_settings_of(merged, names)
    message = caught.value.message.replace("callback_listener.", "")
    assert message.startswith(says)
    assert caught.value.option == (None if says.startswith("There is no") else says.split()[0])
    assert SECRET not in message
    assert caught.value.message.startswith(("There is no", names("")))


def test_plain_http_is_for_the_host_itself_and_for_trusted_proxies() -> None:
    for given in ({"host": "::1"}, {"host": "localhost"}, {"host": "0.0.0.0", "trusted_proxies": ["10.0.0.0/8"]}):
        assert listener_settings_of({**GOOD, **given}).tls is None


def test_the_least_and_the_most() -> None:
    limits = {"port": (1, 65535), "max_body_bytes": (1024, 10_000_000), "max_per_minute": (1, 100_000)}
    for name, both in limits.items():
        for value in both:
            assert getattr(listener_settings_of({**GOOD, name: value}), name) == value
    assert listener_settings_of({**GOOD, "path": SECRET[:16]}).path == f"/{SECRET[:16]}"


def test_networks_may_stand_between_blanks() -> None:
    settings = listener_settings_of({**GOOD, "trusted_proxies": [" 10.0.0.0/8 "]})
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8"]


@pytest.mark.parametrize("keyfile", [None, "", __file__])
def test_with_a_certificate_it_may_listen_anywhere(keyfile: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[tuple[t.Any, ...]] = []

    def load(_context: ssl.SSLContext, certfile: str, keyfile: str | None, password: t.Any) -> None:
        loaded.append((certfile, keyfile))

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", load)
    settings = listener_settings_of({**GOOD, "host": "0.0.0.0", "certfile": __file__, "keyfile": keyfile})
    assert settings.tls is not None and settings.tls.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert loaded == [(__file__, keyfile or None)]


def test_a_key_that_is_not_there_is_named() -> None:
    with pytest.raises(OptionError, match="^keyfile /nowhere/key.pem cannot be read: No such file or directory.$"):
        listener_settings_of({**GOOD, "certfile": __file__, "keyfile": "/nowhere/key.pem"})


def test_an_encrypted_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_context: ssl.SSLContext, _certfile: str, _keyfile: str | None, password: t.Any) -> None:
        password()

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", load)
    with pytest.raises(OptionError, match="^keyfile is encrypted") as caught:
        listener_settings_of({**GOOD, "certfile": __file__, "keyfile": __file__})
    assert caught.value.option == "keyfile"


@pytest.mark.parametrize(("reason", "said"), [("KEY_VALUES_MISMATCH", " (key values mismatch)"), ("", ""), (None, "")])
def test_what_openssl_says_of_a_certificate_is_reported(
    reason: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_context: ssl.SSLContext, _certfile: str, _keyfile: str | None, password: t.Any) -> None:
        error = ssl.SSLError()
        error.reason = reason  # type: ignore[assignment]
        raise error

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", load)
    with pytest.raises(OptionError) as caught:
        listener_settings_of({**GOOD, "certfile": __file__})
    assert caught.value.message.startswith(f"certfile and keyfile cannot be used{said}: give a certificate")
