# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented example bodies, the stock campaigns with these bodies, and the demo credentials.

The bodies are the examples in the public documentation of the get-campaign calls. Fields that are missing there (the
end date of v1, the two flags of v3) have plausible values.
"""

from __future__ import annotations

from typing import Any

ACCOUNT = "0402196254-00001"
# The account in the documented example of v3. Its stock campaign exists in both accounts.
V3_ACCOUNT = "0642233522-00001"

V1_ID = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
V2_ID = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
V3_ID = "f858b8c4-2153-11ec-8c44-aeb16d1aa652"

# Not secrets: they are valid only for a simulator. Their unique text makes leaks easy to find in any output.
DEMO_CREDENTIALS: dict[str, Any] = {
    "api_key": "demo-key-0000-not-a-real-key",
    "api_secret": "demo-secret-1111-not-a-real-secret",
    "username": "demo-user-2222",
    "password": "demo-password-3333-not-a-real-password",
}

BASE_BODIES: dict[str, dict[str, Any]] = {
    "v1": {
        "id": V1_ID,
        "accountName": ACCOUNT,
        "firmwareName": "FOTA_Verizon_Model-A_01To02_HF",
        "firmwareTo": "VerizonFirmwareVersion-02",
        "startDate": "2018-04-01",
        "endDate": "2018-04-02",
        "status": "Queued",
        "deviceList": [
            {"deviceId": "900000000000002", "status": "Device Accepted", "resultReason": "success"},
            {"deviceId": "900000000000003", "status": "Device Accepted", "resultReason": "success"},
        ],
    },
    "v2": {
        "id": V2_ID,
        "accountName": ACCOUNT,
        "campaignName": "FOTA_Verizon_Upgrade",
        "softwareName": "FOTA_Verizon_Model-A_02To03_HF",
        "distributionType": "HTTP",
        "make": "Verizon",
        "model": "Model-A",
        "softwareFrom": "FOTA_Verizon_Model-A_00To01_HF",
        "softwareTo": "FOTA_Verizon_Model-A_02To03_HF",
        "startDate": "2020-08-21",
        "endDate": "2020-08-22",
        "downloadAfterDate": "2020-08-21",
        "downloadTimeWindowList": [{"startTime": 20, "endTime": 21}],
        "installAfterDate": "2020-08-21",
        "installTimeWindowList": [{"startTime": 22, "endTime": 23}],
        "status": "CampaignEnded",
    },
    "v3": {
        "id": V3_ID,
        "accountName": V3_ACCOUNT,
        "campaignName": "Smart FOTA - test 4",
        "protocol": "LWM2M",
        "make": "SEQUANS Communications",
        "model": "GM01Q",
        "status": "CampaignPreScheduled",
        "startDate": "2021-09-29",
        "endDate": "2021-10-01",
        "firmwareName": "SEQUANSCommunications_GM01Q_SR1.2.0.0-10512_SR1.2.0.0-10657",
        "firmwareFrom": "SR1.2.0.0-10512",
        "firmwareTo": "SR1.2.0.0-10657",
        "campaignTimeWindowList": [{"startTime": 18, "endTime": 22}],
        "autoAssignLicenseFlag": False,
        "autoAddDevicesFlag": False,
    },
}

# The optional fields about time.
OPTIONAL_TIMES: dict[str, tuple[str, ...]] = {
    "v1": (),
    "v2": ("downloadAfterDate", "downloadTimeWindowList", "installAfterDate", "installTimeWindowList"),
    "v3": ("campaignTimeWindowList",),
}

# The fields that a campaign scheduled through the API has in addition to those of the request, as in the examples.
NEW_CAMPAIGN_BASES: dict[str, dict[str, Any]] = {
    "v1": {},
    "v2": {name: BASE_BODIES["v2"][name] for name in ("make", "model")},
    "v3": {name: BASE_BODIES["v3"][name] for name in ("make", "model")},
}

# The defaults of a scenario.
# The devices in this project's documentation, one of which was not upgraded.
_V2_DEVICES = [
    {"id": "990003425730535", "status": "UpgradeSuccess", "reason": "DownloadInstallSucceeded"},
    {"id": "990003425730543", "status": "UpgradeSuccess", "reason": "DownloadInstallSucceeded"},
    {"id": "990003425730550", "status": "UpgradeFailed", "reason": "RovaClientDownloadFailed"},
]
STOCK_CAMPAIGNS: list[dict[str, Any]] = [
    {"api_version": "v1", "account_name": ACCOUNT, "id": V1_ID},
    {"api_version": "v2", "account_name": ACCOUNT, "id": V2_ID, "devices": _V2_DEVICES},
    {"api_version": "v3", "account_name": ACCOUNT, "id": V3_ID},
    {"api_version": "v3", "account_name": V3_ACCOUNT, "id": V3_ID},
]

# The default devices of v2 and v3 campaigns: those of the documented example of v1.
STOCK_FLEET: dict[str, Any] = {"count": 2, "first": "900000000000002"}
