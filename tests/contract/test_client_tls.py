# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: whose certificate is believed, and what is said when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import (
    CertificateRefused,
    ConnectionFailed,
    OptionError,
)
from contract.test_client_reads import Rig
from simulator.control import Control, SimulatorProcess, TlsFiles, write_tls_files
from simulator.stock import V2_ID


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return write_tls_files(tmp_path_factory.mktemp("tls"), ["127.0.0.1"])


@pytest.fixture(scope="module")
def tls_url(files: TlsFiles) -> Iterator[str]:
    with SimulatorProcess(["--speed", "0", *files.options()]) as process:
        yield process.url


@pytest.fixture(autouse=True)
def _no_authorities_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def test_a_private_authority_is_believed_when_it_is_named(tls_url: str, files: TlsFiles) -> None:
    assert Rig(tls_url, options={"ca_path": files.ca_file}).read().body["id"] == V2_ID


def test_a_private_authority_is_not_believed_by_itself(tls_url: str, files: TlsFiles) -> None:
    control = Control(tls_url.removesuffix("/api") + "/_simulator", files.ca_file)
    control.reset()
    rig = Rig(tls_url, retries=2)

    error = rig.error()

    assert isinstance(error, CertificateRefused)
    # The reason between the two comes from OpenSSL, whose wording changes.
    assert error.message.startswith(f"The TLS certificate of {rig.transport.host} was refused: ")
    assert "ca_path" in error.message
    # The credentials stayed here, and no second try was made.
    assert control.counters()["total"] == 0
    assert rig.client.requests == 1


def test_an_authority_that_is_not_there_is_named(tls_url: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="ca_path does not exist on the host that sends the requests"):
        Rig(tls_url, options={"ca_path": str(tmp_path / "none.pem")})


def test_the_environment_may_name_the_authority(tls_url: str, files: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", files.ca_file)
    assert Rig(tls_url).read().body["id"] == V2_ID


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_the_environment_does_not_override_the_option(
    tls_url: str, files: TlsFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = write_tls_files(tmp_path, ["127.0.0.1"])
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", other.ca_file)
    assert Rig(tls_url, options={"ca_path": files.ca_file}).read().body["id"] == V2_ID
    assert Rig(tls_url, options={"validate_certs": False}).read().body["id"] == V2_ID

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", files.ca_file)
    assert isinstance(Rig(tls_url, options={"ca_path": other.ca_file}).error(), CertificateRefused)


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    elsewhere = write_tls_files(tmp_path, ["elsewhere.example"])
    with SimulatorProcess(["--speed", "0", *elsewhere.options()]) as process:
        error = Rig(process.url, options={"ca_path": elsewhere.ca_file}).error()

    assert isinstance(error, CertificateRefused)
    assert "IP address mismatch" in error.message
    assert "127.0.0.1" in error.message


def test_tls_to_a_plain_address(api_url: str) -> None:
    error = Rig(api_url.replace("http://", "https://")).error()

    assert isinstance(error, ConnectionFailed)
    assert "is it an https address?" in error.message


def test_plain_http_to_a_tls_address(tls_url: str) -> None:
    error = Rig(tls_url.replace("https://", "http://")).error()

    assert isinstance(error, ConnectionFailed)


def test_no_answer_in_time_over_tls(tls_url: str, files: TlsFiles) -> None:
    control = Control(tls_url.removesuffix("/api") + "/_simulator", files.ca_file)
    control.reset()
    control.fault("hang", kind="campaign_read")

    error = Rig(tls_url, options={"ca_path": files.ca_file, "request_timeout": 1.0}).error()
    control.clear_faults()

    assert isinstance(error, ConnectionFailed)
    assert "did not answer within 1 seconds (request_timeout)" in error.message
