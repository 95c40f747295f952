"""The numbers of `numbers.toml`, each in its place and of its type."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_name("numbers.toml")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BatteryNumbers(_Section):
    drain_buffering_percent_h: float
    drain_recording_percent_h: float
    drain_sleep_percent_h: float
    drain_off_percent_h: float
    full_charge_least_h: float
    full_charge_most_h: float
    fast_until_percent: float
    fast_share_of_time: float
    old_dock_share: float
    old_dock_full_charge_h: float
    wear_per_cycle: float
    cycles_at_start_most: float
    spread: float
    weak_share: float
    weak_least: float
    weak_most: float
    worn_below: float
    low_below_percent: int


class RecordingNumbers(_Section):
    day_median_min: float
    day_p95_min: float
    clips_a_shift: float
    clip_most_h: float
    gigabytes_an_hour: float


class StorageNumbers(_Section):
    small_gb: int
    large_gb: int
    large_share: float
    system_mb: int
    low_below_gb: float


class OffloadNumbers(_Section):
    camera_mbit_s: float
    dock_mbit_s: float
    vehicle_mbit_s: float


class TemperatureNumbers(_Section):
    indoors_c: float
    outdoors_c: float
    buffering_adds_c: float
    recording_adds_c: float
    charging_adds_c: float
    settles_in_h: float


class ClockNumbers(_Section):
    error_spread_s: float
    drift_spread_ppm: float
    dock_error_spread_s: float
    wrong_share: float
    starts_1970_share: float
    years_ahead: int


class RadioNumbers(_Section):
    latitude: float
    longitude: float
    spread_deg: float
    accuracy_m: float


class ShiftNumbers(_Section):
    overlap_min: float
    late_docking_share: float
    late_spare_share: float
    late_docking_least_h: float
    late_docking_mean_more_h: float
    other_bay_share: float
    break_share: float
    break_min: float
    spare_below_percent: int


class VehicleNumbers(_Section):
    worn_mean_min: float
    driving_mean_min: float


class LightBarNumbers(_Section):
    events_a_cruiser_day: float
    cruisers: int
    others_in_range: float
    starts_share: float
    false_share: float
    false_lasts_min: float


class FirmwareNumbers(_Section):
    version: str
    older_version: str
    older_share: float
    profile_version: str
    least_battery_percent: int


class UpdateNumbers(_Section):
    install_least_min: float
    install_most_min: float
    profile_install_s: float
    restart_s: float
    charge_share: float
    downloads_a_dock: int
    slow_share: float
    slow_times: float
    cut_share: float
    cuts_most: int
    wrong_hash_share: float
    failed_share: float
    old_image_share: float
    brick_share: float
    lie_share: float
    silence_share: float
    look_first_within_s: float
    look_again_s: float
    try_again_s: float
    tries_most: int


class FaultNumbers(_Section):
    per_140_a_month: float
    mended_after_h: float


class SpeechNumbers(_Section):
    report_every_s: float
    alone_every_s: float
    stored_reports_most: int
    kept_records_most: int
    batch_records: int
    in_flight: int
    answer_within_s: float
    open_within_s: float
    back_off_first_s: float
    back_off_most_s: float
    come_back_later_s: float
    token_refused_s: float


class PaceNumbers(_Section):
    tick_s: float
    step_s: float
    lead_in_h: float
    say_every_s: float
    truth_every_s: float


class Numbers(_Section):
    battery: BatteryNumbers
    recording: RecordingNumbers
    storage: StorageNumbers
    offload: OffloadNumbers
    temperature: TemperatureNumbers
    clock: ClockNumbers
    radio: RadioNumbers
    shifts: ShiftNumbers
    vehicles: VehicleNumbers
    light_bar: LightBarNumbers
    firmware: FirmwareNumbers
    updates: UpdateNumbers
    faults: dict[str, FaultNumbers]
    speech: SpeechNumbers
    pace: PaceNumbers


def read(path: Path = FILE) -> Numbers:
    """Every number, or a ValueError that names the first wrong one."""
    return Numbers.model_validate(tomllib.loads(path.read_text()))
