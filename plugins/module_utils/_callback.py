# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""Runs one task of C(callback) or C(callback_info), as a module or in the action plugin.

A change is reported as successful only if it was read back from the service.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ansible_collections.fleetops.thingspace.plugins.module_utils._arguments import (
    CALLBACK_INFO_OPTIONS,
    CALLBACK_OPTIONS,
    secret_names,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._callback_options import (
    CallbackInfoSettings,
    CallbackSettings,
    ServiceSettings,
    callback_info_settings_of,
    callback_settings_of,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._campaign_info import (
    MaskingProgressReporter,
    Runtime,
    connected,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._clock import Clock
from ansible_collections.fleetops.thingspace.plugins.module_utils._errors import NotConfirmed, ThingSpaceError, expected
from ansible_collections.fleetops.thingspace.plugins.module_utils._facts.callback import (
    URL,
    Callback,
    callback_facts,
    callback_in,
    diff_of,
    differences,
)
from ansible_collections.fleetops.thingspace.plugins.module_utils._http.client import CALLBACK_SERVICE, Client
from ansible_collections.fleetops.thingspace.plugins.module_utils._secrets import Secrets
from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Result

Params = Mapping[str, t.Any]

# Seconds before each of the three reads of a change, because the service can apply it with a delay.
_READ_BACK_DELAYS: t.Final = (0.0, 1.0, 3.0)


@dataclass(frozen=True)
class Mode:
    """The check mode and the diff mode of a task."""

    check: bool = False
    diff: bool = False


def run_callback(params: Params, mode: Mode, runtime: Runtime, secrets: Secrets) -> Result:
    """Register or delete a URL for callbacks. Return the result of the task, without secrets.

    After an error, the result has C(failed), C(msg) and C(reason).
    """

    def work(result: Result) -> None:
        register_secrets(params, secrets)
        settings = callback_settings_of(params)
        with _client(settings.service, runtime, secrets, result) as client:
            _Registration(settings, client, runtime, secrets, result).run(mode)

    return _result_of(work, secrets)


def run_callback_info(params: Params, runtime: Runtime, secrets: Secrets) -> Result:
    """Read the registered URLs. Return the result of the task, as C(run_callback) does."""

    def work(result: Result) -> None:
        register_secrets(params, secrets)
        settings = callback_info_settings_of(params)
        with _client(settings.service, runtime, secrets, result) as client:
            _read_all(settings, client, secrets, result)

    return _result_of(work, secrets)


def register_secrets(params: Params, secrets: Secrets) -> None:
    """Mask every secret in these parameters from now on."""
    for name in secret_names((*CALLBACK_OPTIONS, *CALLBACK_INFO_OPTIONS)):
        secrets.add_within(params.get(name))
    for name, secret in (("api_key", "api_secret"), ("callback_username", "callback_password")):
        if isinstance(params.get(name), str) and isinstance(params.get(secret), str):
            secrets.add_pair(params[name], params[secret])
    if isinstance(params.get("url"), str):
        _mask(Callback(params["url"]), secrets)


def _result_of(work: Callable[[Result], None], secrets: Secrets) -> Result:
    """Run C(work), which fills the result. After an error, keep what it has filled, and add the error."""
    result: Result = {"changed": False}
    try:
        work(result)
    except Exception as error:
        failure = expected(error)
        result.update(reason=failure.reason, failed=True, msg=failure.message)
    try:
        return t.cast(Result, secrets.clean(result))
    except Exception as error:
        failure = expected(error)
        return {"changed": bool(result["changed"]), "reason": failure.reason, "failed": True, "msg": failure.message}


@contextmanager
def _client(service: ServiceSettings, runtime: Runtime, secrets: Secrets, result: Result) -> Iterator[Client]:
    """Provide a client for the block, and add its counts of requests and logins to the result afterwards."""
    runtime = replace(runtime, reporter=MaskingProgressReporter(runtime.reporter, secrets))
    with connected(service.connection, service.credentials, runtime, secrets) as client:
        try:
            yield client
        finally:
            result.update(requests=client.requests, logins=client.logins)


def _read_all(settings: CallbackInfoSettings, client: Client, secrets: Secrets, result: Result) -> None:
    found = result["callbacks"] = []
    for api_version in settings.api_versions:
        registered = _read(client, api_version, settings.service.account_name, secrets)
        found.append(callback_facts(registered, api_version, settings.service.account_name))


def _read(client: Client, api_version: str, account_name: str, secrets: Secrets) -> Callback | None:
    registered = callback_in(client.callback(api_version, account_name), api_version, account_name)
    if registered is not None:
        _mask(registered, secrets)
    return registered


def _mask(callback: Callback, secrets: Secrets) -> None:
    for secret in callback.secrets:
        secrets.add(secret)


class _Registration:
    """One task of C(callback): read, change if necessary, read back."""

    def __init__(
        self, settings: CallbackSettings, client: Client, runtime: Runtime, secrets: Secrets, result: Result
    ) -> None:
        self._settings = settings
        self._account_name = settings.service.account_name
        self._client = client
        self._clock: Clock = runtime.clock
        self._reporter = MaskingProgressReporter(runtime.reporter, secrets)
        self._secrets = secrets
        self._result = result

    def run(self, mode: Mode) -> None:
        wanted = self._settings.wanted
        if wanted is not None and wanted.url.startswith("http://"):
            self._reporter.warning("url is not https: callbacks, and what they carry, travel unencrypted.")
        before = self._read()
        different = differences(before, wanted)
        self._result.update(differences=list(different), callback=self._facts(before))
        if mode.diff:
            self._result["diff"] = diff_of(before, wanted)
        if not different:
            return
        if mode.check:
            self._result.update(changed=True, callback=self._facts(wanted))
            return
        self._change(before)

    def _change(self, before: Callback | None) -> None:
        """Send the change, and report what is read back."""
        unclear: ThingSpaceError | None = None
        try:
            self._send()
        except ThingSpaceError as error:
            if error.during_login or not error.maybe_processed:
                raise
            unclear = error
        # From here on, the service may have applied the change, even if this task fails.
        self._result["changed"] = True
        try:
            after = self._read_back()
        except ThingSpaceError as error:
            raise NotConfirmed(
                f"{self._what} was sent, and what is registered now could not be read: {error.message} "
                f"{_said(unclear)}Run the task again when the service answers."
            ) from error
        self._result.update(callback=self._facts(after), changed=bool(differences(before, after)))
        left = differences(after, self._settings.wanted)
        if left:
            raise NotConfirmed(f"{self._what} was sent, but {self._left(left)} {_said(unclear)}".rstrip())
        if unclear is not None:
            self._reporter.warning(f"{self._what} got no clear response, but the service shows it. {unclear.message}")

    def _send(self) -> None:
        wanted, api_version = self._settings.wanted, self._settings.api_version
        if wanted is None:
            self._client.delete_callback(api_version, self._account_name)
        else:
            self._client.register_callback(api_version, self._account_name, _content(wanted, api_version))

    def _read_back(self) -> Callback | None:
        after: Callback | None = None
        for delay in _READ_BACK_DELAYS:
            if delay:
                self._clock.sleep(delay)
            after = self._read()
            if not differences(after, self._settings.wanted):
                break
        return after

    def _read(self) -> Callback | None:
        return _read(self._client, self._settings.api_version, self._account_name, self._secrets)

    def _facts(self, callback: Callback | None) -> Result:
        return callback_facts(callback, self._settings.api_version, self._account_name)

    @property
    def _what(self) -> str:
        return "The registration of the callback" if self._settings.wanted else "The deletion of the callback"

    def _left(self, left: tuple[str, ...]) -> str:
        if self._settings.wanted is None:
            return "the service still shows one. Check whether somebody else registers it, then run the task again."
        if URL in left:
            return (
                "the service does not show it. Check whether somebody else registers another, then run the task again."
            )
        return (
            "the service does not show callback_username and callback_password as given, so nobody knows whether it "
            "sends them. Leave them out, and put a secret into the path of the url."
        )


def _said(unclear: ThingSpaceError | None) -> str:
    return "" if unclear is None else f"It got no clear response: {unclear.message} "


def _content(wanted: Callback, api_version: str) -> dict[str, str]:
    if api_version != "v1":
        return {"url": wanted.url}
    content = {"name": CALLBACK_SERVICE, "url": wanted.url, "username": wanted.username, "password": wanted.password}
    return {name: value for name, value in content.items() if value is not None}
