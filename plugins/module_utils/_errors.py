# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""One base of exceptions for everything that can go wrong on the way to an answer.

Each class has C(reason), one word of the documented set that the result carries, and C(severity), which tells a wait
what the trouble means for it. Each instance has C(message), one sentence for an operator, and C(facts), a dict of
result keys that were learned before the trouble and must not be lost. An error is made with all that it carries, and
never changes: whoever knows more raises another one, by C(with_changes).
"""

from __future__ import annotations

import typing as t
from enum import Enum

from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Result

_E = t.TypeVar("_E", bound="ThingSpaceError")


class Severity(Enum):
    """What an error means for a wait that is under way."""

    FATAL = "ends the wait at once"
    SUSPECT = "ends the wait, unless the same request has worked before in this wait: then it is an outage"
    TRANSIENT = "does not end the wait while the trouble budget lasts"


class ThingSpaceError(Exception):
    """Base of all errors; raised only as one of its children."""

    reason: t.ClassVar[str] = "error"
    severity: t.ClassVar[Severity] = Severity.FATAL
    # Whether every other request with the same credentials would meet it, too.
    concerns_credentials: t.ClassVar[bool] = False
    # False only if the request certainly never reached the service's own logic.
    maybe_processed = False

    def __init__(self, message: str, facts: Result | None = None, during_login: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Result = facts if facts is not None else {}
        # True if it was a login that met the error: a login is not idempotent.
        self.during_login = during_login

    def with_changes(self: _E, **changes: t.Any) -> _E:
        """The same error with other values of these attributes. It is a new one, without cause and traceback."""
        unknown = changes.keys() - vars(self).keys()
        if unknown:
            raise AttributeError(f"An error has no {', '.join(sorted(unknown))}.")
        other = self.__class__.__new__(self.__class__, changes.get("message", self.message))
        vars(other).update({**vars(self), **changes})
        return other


class OptionError(ThingSpaceError):
    """An option is missing, malformed, or does not go with another one. C(option) is its name in the module, if any."""

    reason = "invalid_option"

    def __init__(self, message: str, facts: Result | None = None, option: str | None = None) -> None:
        super().__init__(message, facts)
        self.option = option


class LibraryMissing(ThingSpaceError):
    """The host that sends the requests lacks a Python library."""

    reason = "library_missing"
    concerns_credentials = True


class RunFolderUnusable(ThingSpaceError):
    """What the tasks of a run must share cannot be kept, so nobody can say how often a login was refused."""

    reason = "run_folder_unusable"
    concerns_credentials = True


class LoginRefused(ThingSpaceError):
    """The service refused a login. Never try the same login again: five refusals lock the user."""

    reason = "login_refused"
    concerns_credentials = True


class AccessRefused(ThingSpaceError):
    """A token was refused and cannot be renewed, or was refused again right after its renewal."""

    reason = "access_refused"
    concerns_credentials = True


class RequestRefused(ThingSpaceError):
    """The service understood the request and will not answer it, whoever asks how often."""

    reason = "request_refused"


class NotConfirmed(ThingSpaceError):
    """A change was sent, and what the service shows afterwards is not what was asked for, or cannot be read."""

    reason = "not_confirmed"


class CampaignNotFound(ThingSpaceError):
    """The account has no campaign of this ID, or not yet."""

    reason = "not_found"


class WrongAddress(ThingSpaceError):
    """What answered is not the ThingSpace API: a redirect, an unknown path, a foreign gateway."""

    reason = "wrong_address"
    severity = Severity.SUSPECT
    maybe_processed = True


class CertificateRefused(ThingSpaceError):
    """The server's TLS certificate did not pass the check."""

    reason = "tls_failed"
    severity = Severity.SUSPECT


class ProxyRefused(ThingSpaceError):
    """The proxy on the way refused its user and password, or the host. No second try: it may lock users, too."""

    reason = "proxy_refused"
    concerns_credentials = True


class TransientError(ThingSpaceError):
    """Trouble that may be over at the next try.

    C(retry_after) is the number of seconds that the service asked to be left alone, or None.
    C(status) is the HTTP status of an answer that was lost after its head, or None.
    C(affects_all) is True if the next request, whatever it asks for, would most likely meet the same.
    """

    severity = Severity.TRANSIENT
    affects_all = False

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        maybe_processed: bool = True,
        facts: Result | None = None,
        during_login: bool = False,
    ) -> None:
        super().__init__(message, facts, during_login)
        self.retry_after = retry_after
        self.maybe_processed = maybe_processed
        self.status: int | None = None


class ConnectionFailed(TransientError):
    """No connection, no answer in time, or a connection that broke."""

    reason = "connection_failed"
    affects_all = True


class ServiceTrouble(TransientError):
    """HTTP 408, 429 or 5xx. C(status) is the code; 429 and 503 speak for the whole service."""

    reason = "service_trouble"

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after)
        self.affects_all = status in (429, 503)


class BadResponse(TransientError):
    """An answer of the right status that cannot be read: HTML, cut off, too large, of the wrong shape."""

    reason = "bad_answer"


class WaitFailed(ThingSpaceError):
    """The wait ended without reaching its target, or for a device that was not upgraded.

    C(facts) is the wait's whole result. C(of_campaigns) is what it would say without the device.
    """

    reason = "wait_failed"

    def __init__(self, message: str, facts: Result, of_campaigns: Result | None = None) -> None:
        super().__init__(message, facts)
        self.of_campaigns = of_campaigns or {}
