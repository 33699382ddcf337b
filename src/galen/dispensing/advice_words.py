"""The cautions of a label in languages that Galen's pages do not speak, but its directions do."""

from galen.i18n import gettext, language, speaking

from . import advice as said
from .beyond_use import OPENED, USE_BY

OWN: dict[str, dict[str, str]] = {
    "vi": {
        said.SEDATING: "Có thể gây buồn ngủ. Nếu bị, không lái xe hoặc vận hành máy. Tránh uống rượu bia.",
        said.FOOD: "Dùng cùng hoặc ngay sau bữa ăn.",
        said.EMPTY: "Dùng lúc bụng đói: 1 giờ trước hoặc 2 giờ sau khi ăn.",
        said.FINISH: "Dùng cho đến hết đợt thuốc, trừ khi được dặn khác.",
        said.MINERALS: "Không dùng thuốc kháng axit, sắt, canxi hoặc kẽm trong vòng 2 giờ.",
        said.SUN: "Tránh để da tiếp xúc nhiều với ánh nắng.",
        said.STEADY: "Không tự ý ngừng đột ngột. Hãy hỏi trước.",
        said.WATER: "Uống với một ly nước đầy. Không nằm trong 30 phút.",
        said.ALCOHOL: "Không uống rượu bia cho đến 3 ngày sau liều cuối.",
        said.GRAPEFRUIT: "Không ăn bưởi chùm hoặc uống nước bưởi chùm.",
        said.WEEKLY: "CHỈ MỘT LẦN MỖI TUẦN, vào cùng một ngày.",
        said.BLEEDING: "Hãy hỏi trước khi dùng aspirin hoặc thuốc giảm đau khác.",
        said.SHAKE: "Lắc kỹ trước khi dùng.",
        said.OUTSIDE: "Chỉ dùng ngoài.",
        said.RINSE: "Súc miệng bằng nước sau khi dùng.",
        said.FRIDGE: "Giữ trong tủ lạnh, 2 đến 8 °C. Không để đông đá.",
        OPENED: "Bỏ đi %(days)s ngày sau khi mở. Ngày mở:",
        USE_BY: "Đã pha: dùng đến %(day)s, sau đó bỏ đi.",
    },
    "zh": {
        said.SEDATING: "可能引起嗜睡。如有嗜睡，请勿驾驶或操作机器。避免饮酒。",
        said.FOOD: "随餐或饭后立即服用。",
        said.EMPTY: "空腹服用：饭前1小时或饭后2小时。",
        said.FINISH: "除非另有嘱咐，请用完整个疗程。",
        said.MINERALS: "2小时内不要服用抗酸药、铁、钙或锌。",
        said.SUN: "避免皮肤过多日晒。",
        said.STEADY: "不要突然停药。请先咨询。",
        said.WATER: "用一满杯水送服。30分钟内不要躺下。",
        said.ALCOHOL: "最后一次用药后3天内不要饮酒。",
        said.GRAPEFRUIT: "不要吃葡萄柚或喝葡萄柚汁。",
        said.WEEKLY: "每周只用一次，在同一天。",
        said.BLEEDING: "服用阿司匹林或其他止痛药前请先咨询。",
        said.SHAKE: "用前摇匀。",
        said.OUTSIDE: "仅供外用。",
        said.RINSE: "用后用清水漱口。",
        said.FRIDGE: "冷藏保存，2至8 °C。不要冷冻。",
        OPENED: "开封%(days)s天后丢弃。开封日期：",
        USE_BY: "已配制：请在%(day)s前使用，之后丢弃。",
    },
}


def in_own(sentence: str, tag: str, country: str, **values: str) -> str:
    """A caution in the patient's language; empty where Galen does not speak it, or where it is English."""
    if own := OWN.get(tag, {}).get(sentence):
        return own % values
    with speaking(language(tag, country)):
        own = gettext(sentence)
    return own % values if own != sentence else ""
