# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error bodies of the gateway (WSO2 API Manager), of the session service and of firmware management."""

from __future__ import annotations

from typing import Literal

from simulator.answer import Answer, json_answer, text_answer

SessionTrouble = Literal["missing", "unknown", "expired"]

_SESSION_CODES = {
    "missing": ("UnifiedWebService.REQUEST_FAILED.SessionToken.Format", "The Session token is missing."),
    "unknown": ("UnifiedWebService.INPUT_INVALID.SessionToken.Invalid", "The Session token is invalid."),
    "expired": ("UnifiedWebService.REQUEST_FAILED.SessionToken.Expired", "The Session has expired."),
}

_XML_FAULT = (
    '<am:fault xmlns:am="http://wso2.org/apimanager"><am:code>404</am:code><am:type>Status report</am:type>'
    "<am:message>Not Found</am:message><am:description>The requested resource is not available."
    "</am:description></am:fault>"
)


def _fault(status: int, code: str, message: str, description: str) -> Answer:
    return json_answer({"fault": {"code": code, "message": message, "description": description}}, status)


def missing_credentials(scheme: str) -> Answer:
    """401: the Authorization header is missing. ``scheme`` is Basic or Bearer."""
    return _fault(
        401,
        "900902",
        "Missing Credentials",
        "Required OAuth credentials not provided. Make sure your API invocation call has a header: "
        f'"Authorization: {scheme} ACCESS_TOKEN"',
    )


def invalid_credentials(api: str, version: str) -> Answer:
    """401: an unknown or expired bearer token. The service uses the same code for both."""
    return _fault(
        401,
        "900901",
        "Invalid Credentials",
        f"Access failure for API: {api}, version: {version}. Make sure you have given the correct access token",
    )


def no_resource(api: str, version: str) -> Answer:
    """400: an unknown path of a known API."""
    return _fault(
        400,
        "900906",
        "No matching resource found in the API for the given request",
        f"Access failure for API: {api}, version: {version}. Check the API documentation and add a proper REST "
        "resource path to the invocation URL",
    )


def xml_fault(status: int) -> Answer:
    """404 for a wrong endpoint, 403 for a wrong authentication scheme. The body says 404 in both cases."""
    return text_answer(_XML_FAULT, status, "application/xml; charset=UTF-8")


def throttled() -> Answer:
    """429 as a stock WSO2 gateway sends it. The service does not document throttling."""
    return _fault(429, "900800", "Message throttled out", "You have exceeded your quota")


def stock_fault(status: int, code: str, message: str, description: str) -> Answer:
    """An error of a stock WSO2 gateway that the service's documents do not mention."""
    return _fault(status, code, message, description)


def oauth_error(status: int, error: str, description: str) -> Answer:
    """An error of the token endpoint (RFC 6749, section 5.2)."""
    return json_answer({"error": error, "error_description": description}, status)


def service_error(code: str, message: str, status: int = 400) -> Answer:
    """An error of firmware management or the session service, which have only this format."""
    return json_answer({"errorCode": code, "errorMessage": message}, status)


def invalid_parameter(message: str, status: int = 400) -> Answer:
    """An error with the only documented error code of firmware management."""
    return service_error("INVALID_PARAMETER", message, status)


def session_refused(trouble: SessionTrouble, form: str) -> Answer:
    """An invalid session token in firmware management, in one of the forms of ``session_expired_form``."""
    code, message = _SESSION_CODES[trouble]
    if form == "m2m":
        return service_error(code, message)
    if form == "account_401":
        return service_error("INVALID_ACCOUNT", "An error was encountered when trying to verify the UWS account.", 401)
    return invalid_parameter(f"UWS verification failure ({message})")


def unknown_account(account: str) -> Answer:
    """An account that does not exist, or that the user cannot read."""
    return invalid_parameter(f"UWS verification failure (Could not find account {account})")


def wrong_state() -> Answer:
    """A change that the campaign's state does not allow. A guess: the documents have the rules, but not the answer."""
    return invalid_parameter("Operation is not allowed in the current status")


def gateway_answer(name: str) -> Answer:
    """Return a gateway answer by its name, for faults. Raises KeyError for an unknown name."""
    return _GATEWAY[name]


_GATEWAY = {
    "900902": missing_credentials("Bearer"),
    "900901": invalid_credentials("/fota/v2", "v2"),
    "900906": no_resource("/fota/v2", "v2"),
    "900903": stock_fault(401, "900903", "Access Token Expired", "Renew the access token and try again"),
    "900908": stock_fault(403, "900908", "Resource forbidden", "The client is not subscribed to this API"),
    "900800": throttled(),
    "900900": stock_fault(
        500, "900900", "Unclassified Authentication Failure", "Error while accessing backend services"
    ),
    "700700": stock_fault(503, "700700", "API blocked", "This API has been blocked temporarily"),
    "303001": stock_fault(503, "303001", "Runtime Error", "Address endpoint of the API is suspended"),
    "101503": stock_fault(503, "101503", "Runtime Error", "Error connecting to the back end"),
    "101504": stock_fault(504, "101504", "Runtime Error", "Send timeout"),
    "xml_403": xml_fault(403),
    "xml_404": xml_fault(404),
}

GATEWAY_NAMES = tuple(_GATEWAY)
