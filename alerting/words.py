"""The words of messages in both languages: tables only. 报警 is a point alarm, 预警 a graded warning level.

Sentences are put together in alerting.texts.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One word or phrase in both languages."""

    en: str
    zh: str

    def of(self, language: str) -> str:
        """In English, or in Chinese for zh-CN."""
        return self.zh if language == "zh-CN" else self.en


PRIORITY = {
    "critical": Words("CRITICAL", "紧急"),
    "high": Words("HIGH", "高"),
    "medium": Words("MEDIUM", "中"),
    "low": Words("LOW", "低"),
}

NAME = {
    "HH": Words("high-high alarm", "高高报警"),
    "H": Words("high alarm", "高报警"),
    "L": Words("low alarm", "低报警"),
    "LL": Words("low-low alarm", "低低报警"),
    "STALE": Words("no data", "数据中断"),
    "BAD": Words("bad signal", "信号异常"),
    "LATE": Words("data late", "数据迟到"),
    "CLOCK": Words("device clock wrong", "设备时钟异常"),
    "GATEWAY-LOST": Words("lost", "失联"),
    "blind": Words("was not watching (seconds)", "曾停止监视（秒）"),
    "AWAY": Words("not connected", "未连接"),
    "FAILING": Words("failing", "失败"),
    "DIFFERS": Words("not what is in force", "与生效配置不一致"),
    "UNAPPROVED": Words("nobody applied it", "未经提交审批"),
    "IN-FORCE": Words("in force", "生效中"),
}
"""Alarms that have a name of their own; those from "blind" on are of hazardwatch itself."""

KIND = {
    "high": Words("high alarm", "高报警"),
    "low": Words("low alarm", "低报警"),
    "digital": Words("state alarm", "状态报警"),
    "rate": Words("rate-of-change alarm", "变化率报警"),
    "time_to_limit": Words("time-to-limit alarm", "趋近限值报警"),
    "deviation": Words("deviation alarm", "偏差报警"),
    "vote": Words("voted alarm", "表决报警"),
    "flatline": Words("flat-line alarm", "数值不变报警"),
    "noise": Words("noise alarm", "噪声异常报警"),
    "cusum": Words("drift alarm", "漂移报警"),
    "ewma": Words("shift alarm", "均值偏移报警"),
    "discrepancy": Words("discrepancy alarm", "指令与反馈不符报警"),
    "balance": Words("balance alarm", "物料平衡报警"),
}
"""Other alarms, by how they are judged; the alarm's own name is added."""

ALARM = Words("alarm", "报警")

EVENT = {
    "raised": Words("raised", "发生"),
    "reraised": Words("raised again", "再次发生"),
    "acknowledged": Words("acknowledged", "已确认"),
    "returned": Words("returned to normal", "已恢复"),
    "cleared": Words("cleared", "已消除"),
    "reset": Words("reset", "已复位"),
    "shelved": Words("shelved", "已搁置"),
    "unshelved": Words("no longer shelved", "搁置结束"),
    "suppressed": Words("suppressed by design", "已按设计抑制"),
    "unsuppressed": Words("no longer suppressed by design", "设计抑制结束"),
    "out_of_service": Words("taken out of service", "已停用"),
    "in_service": Words("back in service", "恢复使用"),
    "late_excursion": Words("limit exceeded in late data", "迟到数据曾越限"),
    "refused": Words("command refused", "操作被拒绝"),
}

REASON = {
    "lost": Words("signal lost, counted as on", "信号丢失，按报警处理"),
    "removed": Words("removed from the configuration", "已从配置中移除"),
}
"""Reasons without which a value beside its limit would mislead."""

RETURNED_UNTAKEN = Words("returned, not acknowledged", "已恢复，未确认")
REPEATED = Words("still not acknowledged", "仍未确认")
TAKEN = Words("taken by {who}", "{who}已接警")
LIMIT = Words("limit {limit}", "限值 {limit}")
LEFT = Words("limit reached in {left}", "预计 {left} 后到达限值")
LATE = Words("known {late} late", "迟到 {late}")
BY = Words(" by {who}", "（{who}）")
ACTION = Words("Action: {action}", "措施：{action}")

FIRST_OUT = Words("first alarm of {group}", "{group} 首发报警")
CONSEQUENCE = Words("consequence of {cause}", "由 {cause} 引起")
ROSE_FROM = Words("worse than the {milder}", "由{milder}升级")
CHATTERING = Words("chattering, consider shelving it", "频繁抖动，可考虑搁置")
BUNDLE = Words("{many} more alarms ({shares})", "另有 {many} 条报警（{shares}）")
FLOOD = Words("alarm flood, {many} in 10 min", "报警泛滥，10 分钟内 {many} 条")
SHARE = Words("{many} {priority}", "{priority} {many}")
AND_MORE = Words("and {many} more", "等 {many} 条")

LEVEL = {
    "red": Words("RED", "红色"),
    "orange": Words("ORANGE", "橙色"),
    "yellow": Words("YELLOW", "黄色"),
    "blue": Words("BLUE", "蓝色"),
}
"""Levels of graded warnings."""
WARNING = Words("[{level} WARNING]", "[{level}预警]")
WARNED = {
    "issued": Words("issued", "发布"),
    "raised": Words("raised to this level", "升级"),
    "lowered": Words("lowered to this level", "降级"),
    "signed": Words("signed for", "签收"),
    "verified": Words("verified", "核实"),
    "disposed": Words("disposed of", "处置"),
    "fed_back": Words("fed back", "反馈"),
    "cleared": Words("cleared", "消警"),
    "refused": Words("refused", "操作被拒绝"),
}
