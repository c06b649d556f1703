"""The demo's own words in both languages. Texts of the site (names, actions) come from the site file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Braces are filled with str.format."""

    beside: str
    alarms: str
    alarms_quiet: str
    alarms_open: str
    alarms_unknown: str
    alarms_old: str
    more: str
    points: str
    messages: str
    messages_none: str
    events: str
    told: str
    hops: str
    hop_columns: tuple[str, str, str, str, str]
    sums: str
    sums_waiting: str
    next: str
    whole: str
    where: str
    normal: str
    killed: str
    back: str
    complete: str
    deeds: dict[str, str]
    ended: str
    missing: str
    again: str
    found: str
    phases: dict[str, str]
    states: dict[str, str]
    priorities: dict[str, str]


EN = Words(
    beside="Stands beside DCS, GDS and SIS and replaces none of them.  Ctrl-C ends the demo.",
    alarms="Standing alarms",
    alarms_quiet="No alarm stands.",
    alarms_open="{open} of {all} not acknowledged",
    alarms_unknown="Not known yet.",
    alarms_old="as of {at}",
    more="and {n} more",
    points="Points, as the history has them",
    messages="On the phones",
    messages_none="Nobody has been called yet.",
    events="and {n} events to the control room's webhook",
    told="What happens",
    hops="Through every hop since the service was started",
    hop_columns=("hop", "received", "passed on", "refused", "waiting"),
    sums="sent {published}  acknowledged {acknowledged}  stored {stored}",
    sums_waiting="on the way {n}",
    next="Try next, in a second terminal",
    whole="none missing, none doubled",
    where="MQTT at {mqtt}, HTTP at {http}, data in {data}",
    normal="is normal again",
    killed="The service was ended by {cause}. The plant goes on; it is started again in {wait} s",
    back="The service is back after {away}; its devices send again what it had not acknowledged",
    complete="All {n} readings since the start are in the database, each once",
    deeds={
        "acknowledge": "Li Wei at the desk acknowledges {alarm}",
        "reset": "Li Wei at the desk resets {alarm}",
    },
    ended="The demo has ended; its history is in {data}, the next start goes on with it.",
    missing="NOT ALL OF THEM ARE THERE: see {log}",
    again="To end it at once, press Ctrl-C again",
    found="History from earlier runs: {n} readings since {since}",
    phases={
        "starting": "the service starts (the first time it makes its database)",
        "running": "running, PID {pid}",
        "killed": "THE SERVICE WAS KILLED; the plant goes on and its devices keep what was not acknowledged",
        "returning": "the service comes back: log, alarms and messages are taken up where they were",
        "stopping": "ending: service, log and database are closed",
    },
    states={
        "UNACK": "unacknowledged",
        "ACKED": "acknowledged",
        "RTN_UNACK": "returned, unack",
        "LATCH_UNACK": "latched, unack",
        "LATCH_ACKED": "latched: reset",
        "SHELVED": "shelved",
        "SUPPRESSED_BY_DESIGN": "suppressed",
        "OUT_OF_SERVICE": "out of service",
    },
    priorities={"critical": "CRITICAL", "high": "HIGH", "medium": "MEDIUM", "low": "LOW"},
)
ZH = Words(
    beside="与 DCS、GDS、SIS 并行，不替代其中任何一个。按 Ctrl-C 结束演示。",
    alarms="当前报警",
    alarms_quiet="无报警。",
    alarms_open="共 {all} 条，{open} 条未确认",
    alarms_unknown="尚未获知。",
    alarms_old="截至 {at}",
    more="另有 {n} 条",
    points="测点（取自历史库）",
    messages="手机短信",
    messages_none="尚未通知任何人。",
    events="另有 {n} 个事件发往控制室 Webhook",
    told="现场动态",
    hops="服务启动以来各环节计数",
    hop_columns=("环节", "收到", "传出", "拒绝", "等待"),
    sums="发出 {published}  已应答 {acknowledged}  已入库 {stored}",
    sums_waiting="在途 {n}",
    next="可在另一终端尝试",
    whole="不丢失，不重复",
    where="MQTT {mqtt}，HTTP {http}，数据目录 {data}",
    normal="恢复正常",
    killed="服务被终止（{cause}）。装置照常运行；{wait} 秒后重新启动",
    back="服务在 {away} 后恢复；设备重发此前未应答的读数",
    complete="开始以来的 {n} 条读数全部入库，各一条",
    deeds={"acknowledge": "操作台李伟确认 {alarm}", "reset": "操作台李伟复位 {alarm}"},
    ended="演示结束；历史保存在 {data}，下次启动继续使用。",
    missing="有读数缺失：见 {log}",
    again="再按一次 Ctrl-C 立即结束",
    found="以往运行的历史：自 {since} 起 {n} 条读数",
    phases={
        "starting": "服务启动中（首次需建立数据库）",
        "running": "运行中，PID {pid}",
        "killed": "服务被强制终止；装置照常运行，设备保留未应答的读数",
        "returning": "服务恢复中：日志、报警、消息从断点继续",
        "stopping": "正在结束：关闭服务、日志和数据库",
    },
    states={
        "UNACK": "未确认",
        "ACKED": "已确认",
        "RTN_UNACK": "已恢复未确认",
        "LATCH_UNACK": "锁存未确认",
        "LATCH_ACKED": "锁存待复位",
        "SHELVED": "已搁置",
        "SUPPRESSED_BY_DESIGN": "设计抑制",
        "OUT_OF_SERVICE": "停用",
    },
    priorities={"critical": "紧急", "high": "高", "medium": "中", "low": "低"},
)


def words(language: str) -> Words:
    """The words of `en` or `zh-CN`."""
    return ZH if language == "zh-CN" else EN
