"""A DemoState in the middle of the second minute, for the tests of the view."""

from dataclasses import replace

from hazardwatch.demo.state import AlarmRow, Counts, DemoState, HopRow, Message, PointRow, Service, Told

NOW = 1_795_348_880_000
TREND = tuple(5.0 + 0.005 * n for n in range(90))


def point(name: str, title: str, shown: str, unit: str, **more: object) -> PointRow:
    return PointRow(id=name, name=title, shown=shown, unit=unit, trend=TREND, span=6.0, **more)  # type: ignore[arg-type]  # keywords of the test's choice


OF_TANKS = (
    ("LT-#", "Tank # level", "5.447", "m"),
    ("LT-#B", "Tank # second gauge", "5.443", "m"),
    ("LSHH-#", "Tank # independent high-high switch", "healthy", ""),
    ("MOV-#", "Tank # inlet valve", "closed", ""),
    ("TT-#", "Tank # temperature", "22.38", "°C"),
    ("PT-#", "Tank # pressure", "1.906", "kPa"),
    ("FT-#", "Tank # inflow", "119.88", "m3/h"),
    ("FT-#X", "Tank # outflow", "0.00", "m3/h"),
    ("JT-#", "Transfer pump # power", "8.84", "kW"),
)
POINTS = (
    *(
        point(name.replace("#", n), title.replace("#", n), shown, unit)
        for n in ("101", "102")
        for name, title, shown, unit in OF_TANKS
    ),
    point("GT-101", "Gas detector 4 m from P-101", "82.38", "%LEL", alarm="critical", acknowledged=False),
    point("GT-102", "Gas detector 6 m from P-101", "35.25", "%LEL", alarm="high"),
    point("GT-103", "Gas detector at the gate", "7.62", "%LEL"),
    point("TT-100", "Air temperature", "22.06", "°C", fresh=False),
)
SPREAD = "Leave the area upwind; stop P-101; no ignition"
OVERFILL = "Close MOV-101 by hand wheel; start the transfer pump"
SEARCH = "Look for the leak with a portable detector"
THROTTLE = "Compare inflow with the order; throttle MOV-101"
ALARMS = (
    AlarmRow("TF1/GT-101/HH", "Gas detector 101", "UNACK", "critical", NOW - 6000, "82.38", "≥ 50", SPREAD),
    AlarmRow("TF1/LT-101/HH", "Tank 101 level", "ACKED", "critical", NOW - 22000, "5.447", "≥ 5.4", OVERFILL),
    AlarmRow("TF1/GT-102/H", "Gas detector 102", "LATCH_ACKED", "high", NOW - 2000, "35.25", "≥ 25", SEARCH),
    AlarmRow("TF1/LT-101/fast-fill", "Tank 101 level", "RTN_UNACK", "medium", NOW - 62000, "0.02", "0.4", THROTTLE),
)
TEXTS = (
    "[HIGH] Tank 101 level high alarm, 5.10 m (limit 5.1 m). Do: Stop filling. #TF1-17",
    f"[CRITICAL] Tank 101 level high-high alarm, 5.40 m (limit 5.4 m). Do: {OVERFILL}. #TF1-19",
    "[紧急] P-101 旁 4 米可燃气 高高报，50.1 %LEL（限值 50 %LEL）。撤离至上风向，停 P-101。#TF1-24",
)
MESSAGES = tuple(
    Message(NOW - before, "SMS", "Li Wei 李伟", text) for before, text in zip((60000, 22000, 6000), TEXTS, strict=True)
)
HOPS = (
    HopRow("listener", 18_240, 18_240, 0, 0),
    HopRow("log", 18_240, 18_240, 0, 0),
    HopRow("engine", 18_240, 18_220, 0, 20),
    HopRow("historian", 18_240, 18_020, 0, 220),
    HopRow("notifier", 31, 31, 0, 0),
)
PROGRAM = ".venv/bin/hazardwatch"
COMMANDS = (
    f"{PROGRAM} alarms --data hazardwatch-demo",
    f"{PROGRAM} ack TF1/GT-101/HH --by li.wei --data hazardwatch-demo",
    f'psql "$({PROGRAM} dsn --data hazardwatch-demo)" -c "select alarm, event, state from hazardwatch.alarm_events"',
    "kill -9 4711    # the service; then watch it come back with nothing missing",
)
STATE = DemoState(
    now_ms=NOW,
    elapsed_s=83.4,
    timezone="Asia/Shanghai",
    site="Demo tank farm",
    service=Service("running", NOW - 83_000, 4711),
    points=POINTS,
    alarms=ALARMS,
    alarms_at_ms=NOW - 300,
    messages=MESSAGES,
    hops=HOPS,
    counts=Counts(18_260, 18_240, 18_020),
    told=(
        Told(NOW - 21000, "Li Wei closes MOV-101 by hand wheel"),
        Told(NOW - 17000, "The seal of P-101 sprays methanol, 4 m from GT-101"),
    ),
    commands=COMMANDS,
)
QUIET = replace(
    STATE,
    points=tuple(replace(row, alarm=None) for row in POINTS),
    alarms=(),
    messages=(),
    counts=Counts(18_260, 18_240, 18_180, whole=True),
)
