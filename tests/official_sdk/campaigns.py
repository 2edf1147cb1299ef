# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The campaign calls of the official SDK by API version: their names and arguments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from verizon.models.campaign_firmware_upgrade import CampaignFirmwareUpgrade
from verizon.models.campaign_software_upgrade import CampaignSoftwareUpgrade
from verizon.models.download_time_window import DownloadTimeWindow
from verizon.models.firmware_upgrade_change_request import FirmwareUpgradeChangeRequest
from verizon.models.firmware_upgrade_request import FirmwareUpgradeRequest
from verizon.models.schedules_software_upgrade_request import SchedulesSoftwareUpgradeRequest
from verizon.models.upload_and_schedule_file_request import UploadAndScheduleFileRequest
from verizon.models.v2_add_or_remove_device_request import V2AddOrRemoveDeviceRequest
from verizon.models.v2_change_campaign_dates_request import V2ChangeCampaignDatesRequest
from verizon.models.v2_time_window import V2TimeWindow
from verizon.models.v3_add_or_remove_device_request import V3AddOrRemoveDeviceRequest
from verizon.models.v3_change_campaign_dates_request import V3ChangeCampaignDatesRequest
from verizon.models.v3_time_window import V3TimeWindow

from simulator.control import Control
from simulator.stock import ACCOUNT

IMEIS = ["990003425730634", "990003425730642", "990003425730659", "990003425730667"]
DAY = dt.timedelta(days=1)
HOUR = 3600.0


def today(control: Control) -> dt.date:
    """Return the simulated date."""
    return dt.datetime.fromisoformat(control.clock()["now"]).date()


class SdkCampaigns:
    """The calls of one API version, for the stock account. Each returns the SDK's model of the answer."""

    def __init__(self, client: Any, api_version: str) -> None:
        self.api_version = api_version
        self._client = client
        self._calls = {"v1": client.firmware_v1, "v2": client.campaigns_v2, "v3": client.campaigns_v3}[api_version]

    def schedule(self, start: dt.date, end: dt.date, devices: list[str] | None = None) -> Any:
        """Call the first of the version's schedule calls."""
        ids = IMEIS[:2] if devices is None else devices
        if self.api_version == "v1":
            return self._calls.schedule_firmware_upgrade(
                FirmwareUpgradeRequest(
                    account_name=ACCOUNT,
                    firmware_name="FOTA_Verizon_Model-A_01To02_HF",
                    firmware_to="VerizonFirmwareVersion-02",
                    start_date=start.isoformat(),
                    end_date=end.isoformat(),
                    device_list=ids,
                )
            ).body
        if self.api_version == "v2":
            return self._calls.schedule_campaign_firmware_upgrade(
                ACCOUNT,
                CampaignSoftwareUpgrade(
                    software_name="FOTA_Verizon_Model-A_02To03_HF",
                    software_from="FOTA_Verizon_Model-A_00To01_HF",
                    software_to="FOTA_Verizon_Model-A_02To03_HF",
                    distribution_type="HTTP",
                    start_date=start,
                    end_date=end,
                    device_list=ids,
                    campaign_name="Trackers",
                    download_time_window_list=[V2TimeWindow(20, 21)],
                ),
            ).body
        return self._calls.schedule_campaign_firmware_upgrade(
            ACCOUNT,
            CampaignFirmwareUpgrade(
                firmware_name="SEQUANSCommunications_GM01Q_SR1.2.0.0-10512_SR1.2.0.0-10657",
                firmware_from="SR1.2.0.0-10512",
                firmware_to="SR1.2.0.0-10657",
                protocol="LWM2M",
                start_date=start,
                end_date=end,
                device_list=ids,
                auto_assign_license_flag=False,
                auto_add_devices_flag=True,
                campaign_name="Trackers",
                campaign_time_window_list=[V3TimeWindow(20, 21)],
            ),
        ).body

    def schedule_software(self, start: dt.date, end: dt.date) -> Any:
        """Call the second schedule call of v2, whose model has the hours as strings."""
        return self._calls.schedule_sw_upgrade_http_devices(
            ACCOUNT,
            SchedulesSoftwareUpgradeRequest(
                campaign_name="Trackers",
                software_name="FOTA_Verizon_Model-A_02To03_HF",
                software_from="FOTA_Verizon_Model-A_00To01_HF",
                software_to="FOTA_Verizon_Model-A_02To03_HF",
                distribution_type="HTTP",
                start_date=start,
                end_date=end,
                download_time_window_list=[DownloadTimeWindow("20", "21")],
                device_list=IMEIS[:2],
            ),
        ).body

    def schedule_file(self, start: dt.date, end: dt.date) -> Any:
        """Call the third schedule call of v2."""
        return self._calls.schedule_file_upgrade(
            ACCOUNT,
            UploadAndScheduleFileRequest(
                campaign_name="Trackers",
                file_name="configuration_1",
                file_version="1.0",
                distribution_type="HTTP",
                start_date=start,
                end_date=end,
                device_list=IMEIS[:2],
            ),
        ).body

    def read(self, campaign_id: str) -> Any:
        """Return the campaign."""
        if self.api_version == "v1":
            return self._calls.list_firmware_upgrade_details(ACCOUNT, campaign_id).body
        return self._calls.get_campaign_information(ACCOUNT, campaign_id).body

    def status(self, campaign_id: str) -> str:
        """Return the status of the campaign."""
        status: str = self.read(campaign_id).status
        return status

    def change_devices(self, campaign_id: str, kind: str, devices: list[str]) -> Any:
        """Append or remove devices."""
        if self.api_version == "v1":
            return self._calls.update_firmware_upgrade_devices(
                ACCOUNT, campaign_id, FirmwareUpgradeChangeRequest(kind, devices)
            ).body
        model = V2AddOrRemoveDeviceRequest if self.api_version == "v2" else V3AddOrRemoveDeviceRequest
        return self._calls.update_campaign_firmware_devices(ACCOUNT, campaign_id, model(kind, devices)).body

    def change_dates(self, campaign_id: str, start: dt.date, end: dt.date, windows: list[tuple[int, int]]) -> Any:
        """Set the dates and (download) windows of the campaign."""
        if self.api_version == "v2":
            request = V2ChangeCampaignDatesRequest(
                start, end, download_time_window_list=[V2TimeWindow(*window) for window in windows]
            )
        else:
            request = V3ChangeCampaignDatesRequest(
                start, end, campaign_time_window_list=[V3TimeWindow(*window) for window in windows]
            )
        return self._calls.update_campaign_dates(ACCOUNT, campaign_id, request).body

    def cancel(self, campaign_id: str) -> bool:
        """Cancel or abort the campaign."""
        if self.api_version == "v1":
            done = self._calls.cancel_scheduled_firmware_upgrade(ACCOUNT, campaign_id)
        else:
            done = self._calls.cancel_campaign(ACCOUNT, campaign_id)
        success: bool = done.body.success
        return success

    def device_statuses(self, campaign_id: str) -> dict[str, str]:
        """Return the status of each device in the device report (v1: in the campaign itself)."""
        if self.api_version == "v1":
            devices = self.read(campaign_id).device_list
        else:
            reports = getattr(self._client, f"software_management_reports_{self.api_version}")
            devices = reports.get_campaign_device_status(ACCOUNT, campaign_id).body.device_list
        return {device.device_id: device.status for device in devices}

    def device_history(self, device_id: str) -> list[Any]:
        """Return the history of a device."""
        reports = getattr(self._client, f"software_management_reports_{self.api_version}")
        history: list[Any] = reports.get_device_firmware_upgrade_history(ACCOUNT, device_id).body
        return history
