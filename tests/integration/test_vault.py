# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials that are encrypted inline with ``!vault``, in all possible places."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration.inventories import PLUGIN, Inventories
from integration.lane import Lane
from integration.playbooks import Playbooks
from integration.tasks import CREDENTIALS, GROUP, MODULE, local_hosts
from simulator.control import Control
from simulator.stock import ACCOUNT, V2_ID


class Vault:
    """Encrypts with the ansible-vault of the lane."""

    def __init__(self, lane: Lane, folder: Path) -> None:
        self._lane = lane
        self._folder = folder
        self.password_file = folder / "vault-password"
        self.password_file.write_text("a vault password\n", encoding="utf-8")
        self.wrong_file = folder / "wrong-password"
        self.wrong_file.write_text("another one\n", encoding="utf-8")

    def encrypted(self, text: str) -> Any:
        """Return the text as it is written in YAML after ``!vault``."""
        done = subprocess.run(
            [*self._lane.program("ansible-vault"), "encrypt_string", "--vault-password-file", str(self.password_file)],
            input=text,
            env=self._lane.environment(self._folder),
            capture_output=True,
            text=True,
            check=True,
        )
        return _Vaulted("\n".join(line.strip() for line in done.stdout.splitlines()[1:] if line.strip()) + "\n")


class _Vaulted(str):
    pass


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Vaulted, lambda dumper, value: dumper.represent_scalar("!vault", str(value), style="|"))


@pytest.fixture
def vault(lane: Lane, tmp_path: Path) -> Vault:
    return Vault(lane, tmp_path)


@pytest.fixture
def credentials(vault: Vault) -> dict[str, Any]:
    return {name: vault.encrypted(value) for name, value in CREDENTIALS.items()}


def _written(folder: Path, name: str, content: Any) -> str:
    path = folder / name
    path.write_text(yaml.dump(content, Dumper=_Dumper, sort_keys=False), encoding="utf-8")
    return str(path)


def _plays(place: str, credentials: dict[str, Any], api_url: str) -> list[dict[str, Any]]:
    options: dict[str, Any] = {"api_url": api_url, "account_name": ACCOUNT, "campaign_id": V2_ID}
    play: dict[str, Any] = {"hosts": "all", "gather_facts": False}
    if place == "arguments":
        options.update(credentials)
    elif place == "module_defaults":
        play["module_defaults"] = {GROUP: credentials}
    elif place == "variables":
        play["vars"] = {f"my_{name}": value for name, value in credentials.items()}
        options.update({name: f"{{{{ my_{name} }}}}" for name in credentials})
    else:
        play["vars"] = {f"our_{name}": value for name, value in {**options, **credentials}.items()}
        options = {"options_from": "our_"}
    return [{**play, "tasks": [{"name": "read", MODULE: options}]}]


@pytest.mark.parametrize("place", ["arguments", "module_defaults", "variables", "prefix"])
def test_credentials_of_a_task(
    playbooks: Playbooks,
    control: Control,
    api_url: str,
    vault: Vault,
    credentials: dict[str, Any],
    tmp_path: Path,
    place: str,
) -> None:
    """They are used for logins, and masked if the service repeats them, which Playbooks.run checks."""
    fields = {"note": f"seen {CREDENTIALS['password']} and {CREDENTIALS['api_secret']}"}
    control.fault("extra_fields", kind="campaign_read", fields=fields)
    run = playbooks.run(
        _written(tmp_path, "vaulted.yml", _plays(place, credentials, api_url)),
        hosts=local_hosts(["here"]),
        arguments=["--vault-password-file", str(vault.password_file)],
    )

    assert run.code == 0, run.output
    assert run.result("read", "here")["campaign"]["extra"]["note"] == "seen ******** and ********"
    assert control.counters()["logins_refused"] == 0


def test_credentials_in_an_inventory(
    lane: Lane, control: Control, api_url: str, vault: Vault, credentials: dict[str, Any], tmp_path: Path
) -> None:
    inventories = Inventories(lane, tmp_path, control, api_url)
    content = {"plugin": PLUGIN, "account_name": ACCOUNT, "campaign_id": V2_ID, **credentials}
    path = _written(inventories.folder, "campaign_devices.yml", content)
    none = {f"THINGSPACE_{name.upper()}": "" for name in CREDENTIALS}
    said = inventories.run("-i", path, "--list", "--vault-password-file", str(vault.password_file), environment=none)

    assert "Unable to parse" not in said.complaint
    assert control.count("device_report") > 0
    assert control.counters()["logins_refused"] == 0

    inventories.run("-i", path, "--list", "--vault-password-file", str(vault.wrong_file), environment=none)
    assert control.counters()["logins_refused"] == 0


def test_a_wrong_vault_password_is_one_sentence(
    playbooks: Playbooks, control: Control, api_url: str, vault: Vault, credentials: dict[str, Any], tmp_path: Path
) -> None:
    run = playbooks.run(
        _written(tmp_path, "vaulted.yml", _plays("arguments", credentials, api_url)),
        hosts=local_hosts(["here"]),
        arguments=["--vault-password-file", str(vault.wrong_file)],
    )

    assert run.code == 2, run.output
    assert control.counters()["total"] == 0
