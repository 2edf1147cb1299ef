# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and signatures may change in any release.

"""The exceptions for everything that can fail on the way to a response.

Each class has C(reason), one word of the documented set that is in the result, and C(severity), which says what the
error means for a wait. Each instance has C(message), one sentence for an operator, and C(facts), a dict of result keys
that were known before the error and must not be lost. Errors are immutable: use C(with_changes) for a changed copy.
"""

from __future__ import annotations

import os
import traceback
import typing as t
from enum import Enum

from ansible_collections.fleetops.thingspace.plugins.module_utils._shapes import Result

_E = t.TypeVar("_E", bound="ThingSpaceError")


class Severity(Enum):
    """What an error means for a running wait."""

    FATAL = "ends the wait at once"
    SUSPECT = "ends the wait, unless the same request has worked before in this wait: then it is an outage"
    TRANSIENT = "does not end the wait while the trouble budget lasts"


class ThingSpaceError(Exception):
    """Base class of all errors. Only its subclasses are raised."""

    reason: t.ClassVar[str] = "error"
    severity: t.ClassVar[Severity] = Severity.FATAL
    # True if every other request with the same credentials would fail in the same way.
    concerns_credentials: t.ClassVar[bool] = False
    # False only if the request certainly never reached the service's own logic.
    maybe_processed = False

    def __init__(self, message: str, facts: Result | None = None, during_login: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Result = facts if facts is not None else {}
        # True if a login failed: a login is not idempotent.
        self.during_login = during_login

    def with_changes(self: _E, **changes: t.Any) -> _E:
        """A copy of the error with other values of these attributes, without cause and traceback."""
        unknown = changes.keys() - vars(self).keys()
        if unknown:
            raise AttributeError(f"An error has no {', '.join(sorted(unknown))}.")
        other = self.__class__.__new__(self.__class__, changes.get("message", self.message))
        vars(other).update({**vars(self), **changes})
        return other


class OptionError(ThingSpaceError):
    """An option is missing, malformed, or conflicts with another one. C(option) is its name in the module, if any."""

    reason = "invalid_option"

    def __init__(self, message: str, facts: Result | None = None, option: str | None = None) -> None:
        super().__init__(message, facts)
        self.option = option


class LibraryMissing(ThingSpaceError):
    """The host that sends the requests lacks a Python library."""

    reason = "library_missing"
    concerns_credentials = True


class RunFolderUnusable(ThingSpaceError):
    """The state that the tasks of a run share cannot be stored, so refused logins cannot be counted."""

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
    """The service understood the request and refuses it, whoever sends it and however often."""

    reason = "request_refused"


class NotConfirmed(ThingSpaceError):
    """A change was sent, but the service does not return what was requested, or it cannot be read back."""

    reason = "not_confirmed"


class CampaignNotFound(ThingSpaceError):
    """The account has no campaign with this ID, or not yet."""

    reason = "not_found"


class WrongAddress(ThingSpaceError):
    """The response is not from the ThingSpace API: a redirect, an unknown path, another gateway."""

    reason = "wrong_address"
    severity = Severity.SUSPECT
    maybe_processed = True


class CertificateRefused(ThingSpaceError):
    """The server's TLS certificate failed verification."""

    reason = "tls_failed"
    severity = Severity.SUSPECT


class ProxyRefused(ThingSpaceError):
    """The proxy refused its user and password, or the host. Not retried, because a proxy may lock users, too."""

    reason = "proxy_refused"
    concerns_credentials = True


class TransientError(ThingSpaceError):
    """An error that may be gone at the next attempt.

    C(retry_after) is the number of seconds that the service asked to wait, or None. C(status) is the HTTP status of a
    response that was lost after its headers, or None. C(affects_all) is True if any other request would most likely
    fail in the same way.
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
    """No connection, no response in time, or a connection that broke."""

    reason = "connection_failed"
    affects_all = True


class ServiceTrouble(TransientError):
    """HTTP 408, 429 or 5xx. C(status) is the code. 429 and 503 affect the whole service."""

    reason = "service_trouble"

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after)
        self.affects_all = status in (429, 503)


class BadResponse(TransientError):
    """A response with a success status that cannot be read: HTML, truncated, too large, or in the wrong format."""

    reason = "bad_answer"


class WaitFailed(ThingSpaceError):
    """The wait did not reach its target, or the device was not upgraded.

    C(facts) is the wait's whole result. C(of_campaigns) has the reason and the message without regard to the device.
    """

    reason = "wait_failed"

    def __init__(self, message: str, facts: Result, of_campaigns: Result | None = None) -> None:
        super().__init__(message, facts)
        self.of_campaigns = of_campaigns or {}


class UnexpectedError(ThingSpaceError):
    """An exception that no code handles: a fault of the collection, or of the machine. Create it with C(expected)."""

    reason = "unexpected_error"


# How many places in the code to name, beginning with the innermost one.
_MAX_PLACES: t.Final = 4


def expected(error: BaseException) -> ThingSpaceError:
    """Return C(error), or an UnexpectedError if it is not a ThingSpaceError.

    The text of such an exception is never quoted: it can contain a secret, even one that is not registered yet.
    """
    if isinstance(error, ThingSpaceError):
        return error
    said = type(error).__name__
    if isinstance(error, OSError) and error.errno is not None:
        said = f"{said} ({os.strerror(error.errno)})"
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    places = ", ".join(f"{os.path.basename(file)}:{line}" for file, line in reversed(frames[-_MAX_PLACES:]))
    return UnexpectedError(
        f"An unexpected error: {said}, at {places}. Unless it is about this machine, such as its memory or its disk, "
        "report it with this message."
    )
