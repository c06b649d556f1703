"""The words of headings, English and Chinese, by what the column holds. Patterns only; `headings.py` reads by them.

They are held against a heading in lower case without signs: "Tag No." is "tag no".
"""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


WORDS: dict[str, re.Pattern[str]] = {
    "ignored": _any(
        r"序号",
        r"^no$",
        r"^item",
        r"serial",
        r"\bs n\b",
        r"图号",
        r"\bp id\b",
        r"drawing",
        r"正常",
        r"normal",
        r"(?:操作|工作|工艺|使用|设计)(?:值|范围|温度|压力|条件)",
        r"operating (?:range|value|pressure|temp)",
        r"design",
        r"厂家|厂商|制造|生产",
        r"vendor|manufactur|supplier",
        r"型号",
        r"\bmodel\b",
        r"电缆|接线|端子",
        r"cable|terminal|wiring",
        r"机柜|cabinet|rack|\bslot\b",
        r"卡件|通道|channel|\bcard\b",
        r"地址|address|register",
        r"版本|\brev(?:ision)?\b",
        r"日期|\bdate\b",
        r"责任人|负责人",
        r"(?:使用|责任|施工|管理|所属)单位",
        r"依据|\bbasis\b",
        r"防爆|材质|口径|精度|accuracy",
        r"校验|检定|calibrat",
        r"数量|\bqty\b",
        r"回路号|\bloop\b",
        r"投用|状态$",
    ),
    "alias": _any(r"\bdcs", r"\bplc", r"scada", r"\bkks\b", r"别名", r"alias", r"原位号|旧位号", r"old tag", r"点名$"),
    "response_time": _any(
        r"(?:响应|处置|可用|允许).{0,2}时间", r"response time", r"time to (?:respond|act)", r"time available"
    ),
    "off_delay": _any(
        r"(?:复位|恢复|返回|消除|解除).*(?:延时|延迟)",
        r"(?:延时|延迟).*(?:复位|恢复|返回|消除|解除)",
        r"\boff ?delay|delay off|return delay",
    ),
    "on_delay": _any(r"延时|延迟", r"delay", r"debounce"),
    "deadband": _any(r"死区|回差|回滞|滞后|滞环", r"dead ?band", r"hyst"),
    "period": _any(
        r"(?:上报|发送|上传|更新|采集|刷新)(?:周期|间隔|频率)",
        r"(?:update|report(?:ing)?|publish(?:ing)?) (?:period|interval|rate)",
    ),
    "class": _any(r"报警(?:类别|分类)", r"alarm class", r"^class$"),
    "priority": _any(r"优先", r"priority", r"\bprio\b", r"(?:报警|告警)(?:等级|级别)", r"^级别$|^等级$", r"severity"),
    "cause": _any(r"原因", r"cause"),
    "consequence": _any(r"后果|影响", r"consequence", r"impact"),
    "action": _any(r"措施|处置|处理|应对|应急", r"操作员?(?:指导|动作|响应|要求)", r"action", r"response", r"remedy"),
    "alarm_type": _any(
        r"(?:报警|限值)(?:类型|种类|点)", r"(?:alarm|limit) (?:type|name)", r"type of alarm", r"^alarm$|^报警$"
    ),
    "states": _any(r"状态.*(?:定义|说明|含义)", r"信号含义", r"\bstates\b", r"state (?:text|definition)", r"^0 1"),
    "equipment": _any(
        r"设备(?:位号|编号|号|代号)",
        r"(?:所属|关联|对应)设备",
        r"^设备$",
        r"罐号|储罐(?:位号|编号)",
        r"equipment",
        r"\bvessel\b",
        r"^tank(?: (?:no|tag|id))?$",
    ),
    "equipment_name": _any(r"设备名称|设备描述"),
    "gateway": _any(r"网关|采集器|采集站|采集箱", r"gateway", r"\brtu\b|\bdtu\b"),
    "remark": _any(r"备注", r"remark", r"comment", r"^notes?$"),
    "gas": _any(
        r"介质",
        r"气体(?:种类|名称|类型)?$",
        r"(?:检测|探测|被测)气体",
        r"\bgas(?: type| name)?$",
        r"medium|fluid|substance",
    ),
    "unit": _any(
        r"单位", r"^units?$|\buom\b|^eu$", r"\beng(?:ineering)? units?\b", r"\bunits? of\b", r"(?:measur\w*|range) unit"
    ),
    "range_low": _any(
        r"(?:量程|测量|范围|\brange\b|\bspan\b|\bscale\b|\beu\b|\beng\b).*(?:下限|低限|低|最小|起|\bmin|\blow|\blo\b|\b0\b|zero|lrv)",
        r"(?:\bmin|\blow|\blo\b|zero).*(?:\brange\b|\bspan\b|\bscale\b)",
        r"^(?:下限|最小值?|min|minimum|lrv|zero|零点)值?$",
        r"^eu ?lo",
        r"lower range",
    ),
    "range_high": _any(
        r"(?:量程|测量|范围|\brange\b|\bspan\b|\bscale\b|\beu\b|\beng\b).*(?:上限|高限|高|最大|止|\bmax|\bhigh|\bhi\b|\b100\b|urv)",
        r"(?:\bmax|\bhigh|\bhi\b|upper).*(?:\brange\b|\bspan\b|\bscale\b)",
        r"^(?:上限|最大值?|max|maximum|urv|满度)值?$",
        r"^eu ?hi",
    ),
    "range": _any(r"量程", r"(?:测量|检测)(?:范围|区间)", r"^范围", r"\brange\b", r"^span$", r"^scale$"),
    "area": _any(r"区域|装置|单元|工段|车间|楼层", r"^area|^zone|^unit (?:no|name|id|area)|plant"),
    "setpoint": _any(
        r"(?:报警|告警)(?:设定)?(?:值|限)",
        r"^设定值$|^限值$",
        r"\bset ?points?\b",
        r"alarm (?:value|limit|set)",
        r"^limits?$|^setting",
    ),
    "kind": _any(
        r"仪表(?:类型|名称|类别|种类)",
        r"类型|种类|类别|参数|变量|被测|检测项目",
        r"\btype\b",
        r"parameter|variable|measur|quantity|function",
        r"\bi o\b|^io\b",
        r"信号|signal",
        r"^仪表$|^instrument$|^device$",
    ),
    "tag": _any(
        r"位号|点位|点号|工位号",
        r"测点(?:编号|号|id)?$",
        r"仪表(?:编号|号)",
        r"\btag",
        r"^point(?: (?:id|name|no))?$",
        r"instrument (?:no|id)",
        r"^编号$|^id$",
    ),
    "name": _any(r"描述|名称|用途|服务|功能|说明", r"desc", r"service", r"^name\b|\bname$", r"designation|purpose"),
    "location": _any(r"位置|地点|部位", r"location|installed"),
}
"""The first that matches counts: the narrow ones stand before the wide ones."""

NAME_OF = _any(
    r"(?:位号|测点|点位|设备)\s?(?:名称|描述|说明|用途)",
    r"(?:tag|point|instrument|loop) (?:desc\w*|name|service)",
    r"^设备名称",
)
"""The name of a thing, though the heading has the thing's word too."""

LEVELS: dict[str, re.Pattern[str]] = {
    "HH": _any(
        r"高高", r"上上", r"\bhi ?hi\b", r"high ?high", r"\bh ?h\b", r"\b[a-z]{0,2}ahh\b", r"\bhha\b", r"\bpvhh"
    ),
    "LL": _any(r"低低", r"下下", r"\blo ?lo\b", r"low ?low", r"\bl ?l\b", r"\b[a-z]{0,2}all\b", r"\blla\b", r"\bpvll"),
    "H": _any(r"高", r"上限", r"\bhi(?:gh)?\b", r"\bh\b", r"\b[a-z]{0,2}ah\b", r"\bha\b", r"\bpvhi", r"\bupper\b"),
    "L": _any(r"低", r"下限", r"\blow?\b", r"\bl\b", r"\b[a-z]{0,2}al\b", r"\bla\b", r"\bpvlo", r"\blower\b"),
    "2": _any(r"二级|2级", r"(?:level|stage|alarm|alm) ?2\b", r"\ba2\b"),
    "1": _any(r"一级|1级", r"(?:level|stage|alarm|alm) ?1\b", r"\ba1\b"),
}
"""1 and 2 are first and second levels, whose direction the quantity decides."""

OF_ALARM = _any(r"报警|告警|高报|低报", r"alarm|\balm\b", r"设定", r"set ?point|setting")
TRIP = _any(r"联锁|停车", r"trip|interlock|\besd\b|\bsis\b")
ALARM = _any(
    OF_ALARM.pattern,
    TRIP.pattern,
    r"限|报值|报$|[高低]位",
    r"limit|\bsp\b|\bpv(?:hh|hi|lo|ll)",
    r"^(?:(?:高高?|低低?|上上|下下|一级|二级|a?h ?h?|a?l ?l?|[a-z]{0,2}a(?:h|hh|l|ll)|hi(?: ?hi)?|lo(?: ?lo)?"
    r"|high(?: ?high)?|low(?: ?low)?|hha?|lla?)\s?值? ?)+$",
)
"""What makes high, low and the like an alarm's level."""
