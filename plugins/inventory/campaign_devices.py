# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Ansible requires the documentation above the imports.

"""Inventory plugin: creates hosts from the device reports of firmware campaigns."""

from __future__ import annotations

DOCUMENTATION = r"""
name: campaign_devices
short_description: Create hosts from the device reports of ThingSpace firmware campaigns
version_added: 0.1.0
author:
  - The fleetops.thingspace authors (@fleetops)
description:
  - Creates a host for each device in the device report of a campaign. Groups the hosts by the state of the device, so
    that a play can use C(hosts=campaign_succeeded).
  - The name of the inventory file must be C(campaign_devices.yml) or end with C(.campaign_devices.yml). The extension
    C(.yaml) works as well.
  - Each device is in one of the groups C(campaign_succeeded), C(campaign_failed), C(campaign_rejected),
    C(campaign_pending), C(campaign_cancelled) and C(campaign_unknown). All of them always exist.
  - A device with a status that this version of the collection does not know is in C(campaign_unknown), never in
    C(campaign_succeeded).
  - A device that is in several campaigns becomes one host with its worst state and the variables of that campaign. The
    order from best to worst is succeeded, pending, cancelled, rejected, failed, unknown.
  - A device whose ID cannot be a host name is left out, with a warning. The same applies to names such as C(localhost)
    and C(all), to names of groups, and to numbers that are an address of the controller (C(2130706433) is 127.0.0.1).
  - A number of up to ten digits can be an IPv4 address for the operating system. Set C(ansible_host) with O(compose) if
    device IDs are not host names.
  - Each host has the variables C(thingspace_device_id), C(thingspace_device_state), C(thingspace_device_status),
    C(thingspace_device_reason), C(thingspace_campaign_id), C(thingspace_campaign_name), C(thingspace_campaign_state)
    and C(thingspace_campaign_outcome). Ansible never evaluates templates in their values.
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [fleetops.thingspace.campaign_devices]
  account_name:
    description:
      - The name of the account that owns the campaigns. Required.
      - Quote the name. YAML can read an unquoted name as a number and drop its leading zeros. A number is therefore
        refused.
    type: raw
    env:
      - name: THINGSPACE_ACCOUNT_NAME
  campaign_id:
    description:
      - The ID of a campaign, or a list of IDs. Duplicates are ignored.
      - Quote an ID that YAML could read as a number. Otherwise YAML drops leading zeros, a sign or an exponent. A
        number is therefore refused.
    type: list
    elements: str
    required: true
  api_version:
    description:
      - The version of the software management API with which the campaigns were created.
    type: str
    choices: [v1, v2, v3]
    default: v2
  states:
    description:
      - The states of devices that become hosts. By default, all devices do.
    type: list
    elements: str
    choices: [succeeded, pending, cancelled, rejected, failed, unknown]
  hostname:
    description:
      - A Jinja2 expression for the name of the host. It can use the variables that this plugin sets.
      - It must return a unique name for each device. A name can contain letters, digits, dots, underscores, hyphens and
        C(@).
    type: str
    default: thingspace_device_id
extends_documentation_fragment:
  - fleetops.thingspace.inventory_auth
  - constructed
  - inventory_cache
notes:
  - Options can contain templates with extra variables and lookups, such as C({{ lookup('ansible.builtin.env', 'X') }}).
  - A cached inventory contains no credentials. The plugin ignores it when the account, the campaigns, the API version
    or O(api_url) have changed.
  - By default, Ansible only warns about an inventory that it cannot read. Set
    E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to make it fail.
seealso:
  - plugin: fleetops.thingspace.campaign_info
    plugin_type: module
"""

EXAMPLES = r"""
# The file campaign_devices.yml. The credentials come from THINGSPACE_API_KEY, THINGSPACE_API_SECRET,
# THINGSPACE_USERNAME and THINGSPACE_PASSWORD. Only the first three options are required.
plugin: fleetops.thingspace.campaign_devices
account_name: "0402196254-00001"
campaign_id:
  - 60b5d639-ccdc-4db8-8824-069bd94c95bf
  - 5b0f4c1e-0c55-4b0e-9b8e-0d8d1a4f7f21

# Custom host names and groups, and a cache for ten minutes.
states: [succeeded, failed]
hostname: "'tracker-' ~ thingspace_device_id"
compose:
  ansible_host: "thingspace_device_id ~ '.devices.example.com'"
groups:
  to_be_replaced: thingspace_device_state == 'failed'
keyed_groups:
  - key: thingspace_device_reason
    prefix: reason
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /var/tmp/thingspace-inventory
cache_timeout: 600
"""

import os
import typing as t
from collections.abc import Mapping

from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import Runtime, run
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import OptionError, ThingSpaceError, expected
from ansible_collections.fleetops.thingspace.plugins.module_utils._options import task_settings_of
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._wait.progress import ProgressReporter
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._fleet_inventory import (
    GROUPS,
    FleetDevice,
    check_names,
    fleet_of,
    is_snapshot_of,
    is_worse,
    request_key,
    shown,
    snapshot_of,
    split_by_name,
    unusable_warning,
    warnings_of,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._inventory_options import (
    HOSTNAME,
    check_config,
    first_line,
    register_secrets,
    run_params,
    templated,
)
from ansible_collections.fleetops.thingspace.plugins.plugin_utils._run_logins import RunLogins

_FILE_NAME: t.Final = "campaign_devices"


class _Screen(ProgressReporter):
    """Prints warnings with Ansible."""

    def warning(self, text: str) -> None:
        """Print one warning on the standard error of the controller."""
        Display().warning(text)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Reads each device report once, or uses the cache."""

    NAME = "fleetops.thingspace.campaign_devices"

    def verify_file(self, path: str) -> bool:
        """Return whether the file name belongs to this plugin."""
        stem, extension = os.path.splitext(os.path.basename(path))
        is_named = extension in (".yml", ".yaml") and (stem == _FILE_NAME or stem.endswith(f".{_FILE_NAME}"))
        return is_named and bool(super().verify_file(path))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Add hosts and groups. Raises AnsibleParserError, with one sentence and no secret."""
        super().parse(inventory, loader, path, cache)
        self._secrets = Secrets()
        try:
            self._read_config_data(path)
            self._populate(self._snapshot(path, cache))
        except ThingSpaceError as error:
            message = error.message
        except AnsibleError as error:
            message = first_line(error)
        except Exception as error:
            message = expected(error).message
        else:
            return
        # Without the cause, because Ansible can print it.
        raise AnsibleParserError(self._secrets.mask(message)) from None

    def set_options(
        self,
        task_keys: t.Any = None,
        var_options: Mapping[str, t.Any] | None = None,
        direct: Mapping[str, t.Any] | None = None,
    ) -> None:
        """Evaluate templates, validate the file, and set the options. Raises OptionError."""
        config = dict(direct or {})
        register_secrets(config, self._secrets)
        self.templar.available_variables = dict(var_options or {})
        config = templated(config, self.templar.template)
        register_secrets(config, self._secrets)
        check_config(config, C.config.get_configuration_definitions("inventory", self._load_name))
        super().set_options(task_keys=task_keys, var_options=var_options, direct=config)

    def _snapshot(self, path: str, cache: bool) -> Mapping[str, t.Any]:
        """Return the cached snapshot of this request if it can be used, or read a new one."""
        params = run_params(self._options)
        task_settings = task_settings_of(params)
        key = request_key(task_settings.campaigns, task_settings.connection)
        is_cached, place = self.get_option("cache"), self.get_cache_key(path)
        if is_cached and cache and place in self._cache and is_snapshot_of(self._cache[place], key):
            return t.cast("Mapping[str, t.Any]", self._cache[place])
        runtime = Runtime(reporter=_Screen(), logins=RunLogins(C.DEFAULT_LOCAL_TMP))
        snapshot = snapshot_of(key, run(params, runtime, self._secrets)["campaigns"])
        if is_cached:
            self._cache[place] = snapshot
        return snapshot

    def _populate(self, snapshot: Mapping[str, t.Any]) -> None:
        for warning in warnings_of(snapshot):
            self.display.warning(self._secrets.mask(warning))
        devices = fleet_of(snapshot, self.get_option("states") or None)
        reserved = set(self.inventory.groups)
        by_id = self.get_option("hostname") == HOSTNAME
        devices, unusable = split_by_name(devices, reserved if by_id else ())
        if unusable:
            self.display.warning(self._secrets.mask(unusable_warning(unusable)))
        names = check_names({device.device_id: self._name_of(device) for device in devices}, reserved)
        for group in GROUPS:
            self.inventory.add_group(group)
        for device in devices:
            self._add(names[device.device_id], device)

    def _name_of(self, device: FleetDevice) -> t.Any:
        expression = self.get_option("hostname")
        if expression == HOSTNAME:
            return device.device_id
        try:
            return self._compose(expression, wrap_var(dict(device.variables)))
        except Exception as error:  # an expression can raise any exception through Jinja2
            message = f"hostname cannot be evaluated for device {shown(device.device_id)}: {first_line(error)}"
            raise OptionError(message) from None

    def _add(self, name: str, device: FleetDevice) -> None:
        if any(is_worse(group, device.group) for group in self._own_groups(name)):
            # Another inventory file has put this device into a worse group.
            return
        self.inventory.add_host(name, group=device.group)
        for variable, value in device.variables.items():
            self.inventory.set_variable(name, variable, wrap_var(value))
        variables = self.inventory.get_host(name).get_vars()
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict)
        self._leave_better_groups(name)

    def _own_groups(self, name: str) -> list[str]:
        host = self.inventory.hosts.get(name)
        direct = {group.name for group in host.groups} if host is not None else set()
        return [group for group in GROUPS if group in direct]

    def _leave_better_groups(self, name: str) -> None:
        """Keep a device in its worst group only. Another inventory file or keyed_groups can have added other groups."""
        for group in self._own_groups(name)[:-1]:
            self.inventory.groups[group].remove_host(self.inventory.hosts[name])
