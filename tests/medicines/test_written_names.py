"""What lists write: names in any order, packs by what they count, prices in the world's ways."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galen.medicines.importing.price_lists import contents_of
from galen.medicines.importing.reading import read_sheets
from galen.medicines.importing.values import currency_in, decimal_mark, money
from galen.medicines.importing.words import form_of
from galen.medicines.importing.written import named_forms, read_name

NAMES = [
    ("Ibuprofen Tablets IP 400 mg", "Ibuprofen", "400 mg", "tablet"),
    ("400 MG IBUPROFEN TABLETS", "IBUPROFEN", "400 mg", "tablet"),
    ("Tab. Paracetamol 500mg 10x10", "Paracetamol", "500 mg", "tablet"),
    ("Amoxicillin 500mg caps 20's", "Amoxicillin", "500 mg", "capsule"),
    ("Cap Omeprazole 20 mg 10 x 10's", "Omeprazole", "20 mg", "capsule"),
    ("Paracetamol Syrup 125mg/5ml 60ml", "Paracetamol", "125 mg/5 mL", "syrup"),
    ("Human Insulin 40 IU/ml", "Human Insulin", "40 IU/mL", ""),
    ("Paracetamol 1,000 mg/100 ml infusion", "Paracetamol", "1000 mg/100 mL", "infusion"),
    ("Enalapril 2,5 mg", "Enalapril", "2.5 mg", ""),
    ("Metformin SR Tablets 500mg", "Metformin", "500 mg", "tablet extended release"),
    ("Aspirin EC 75mg tabs 56", "Aspirin", "75 mg", "tablet delayed release"),
    ("Amoxicillin 500mg + Clavulanic Acid 125mg Tablets", "Amoxicillin + Clavulanic Acid", "500 mg|125 mg", "tablet"),
    ("co-amoxiclav 500/125 mg tablets", "co-amoxiclav", "500 mg|125 mg", "tablet"),
    ("Clotrimazole Cream 1% w/w 15 gm", "Clotrimazole", "1 %", "cream"),
    ("Salbutamol Inhaler 100mcg/dose 200 doses", "Salbutamol", "100 mcg/dose", "inhaler"),
    ("Benzathine Penicillin 2.4 MIU vial", "Benzathine Penicillin", "2.4 million IU", "injection"),
    ("Fentanyl 25 mcg/hr patch 5", "Fentanyl", "25 mcg/h", "patch"),
    ("Timolol 0.5% eye drops 5ml", "Timolol", "0.5 %", "eye drops"),
    ("Pen-V 250mg tab", "Pen-V", "250 mg", "tablet"),
    ("Oral Rehydration Salts 10 SACHETS", "Oral Rehydration Salts", "", "sachet"),
    ("Zinc Sulphate Dispersible Tablets 20 mg", "Zinc Sulphate", "20 mg", "dispersible tablet"),
    ("Ceftriaxone 1 g powder for injection vial", "Ceftriaxone", "1 g", "powder for injection"),
    ("Atenolol", "Atenolol", "", ""),
]


@pytest.mark.parametrize("written, name, strengths, form", NAMES)
def test_a_name_is_taken_apart_in_any_order(written, name, strengths, form):
    read = read_name(written)
    assert (read.name, "|".join(read.strengths), read.form) == (name, strengths, form)


PACKS = [
    # the name, the pack's column, and what is counted
    ("Zonk DEPOT INJECTION 500MG 5AMP", "5", "5 ampoule"),
    ("ZONK INJECTION 150MG/3ML 6 AMP", "6.0", "6 ampoule"),
    ("ZONKTYX 150MG SOL FOR INJ 2 PREFILLED PENS", "2", "2 pen"),
    ("Zonk 150 mg pre-filled syringes 4", "4", "4 syringe"),
    ("ZONK 500MG x30 TAB", "", "30 tablet"),
    ("ZONK 500MG TAB x30", "30", "30 tablet"),
    ("ZONK 5G POWDER 10 SACHETS", "10", "10 sachet"),
    ("ZONK 20MG/ML INJECTION 1 VIAL 10ML", "1", "1 vial"),
    ("Zonk 1 g powder for injection", "10", "10 vial"),
    ("Zonk injection 10 mg/ml 5 x 1 ml", "5", "5 ampoule"),
    ("Zonk tablets 5 mg", "10's", "10 tablet"),
    ("Zonk tablets 5 mg", "3 x 10", "30 tablet"),
    ("Zonk tablets 5 mg", "Strip of 15", "15 tablet"),
    ("Zonk 5 mg", "28 Tablets", "28 tablet"),
    ("Zonk Syrup 125mg/5ml 60ml", "1", "60 mL"),
    ("Zonk Syrup 125mg/5ml 60ml", "60", "60 mL"),
    ("Zonk Syrup 125mg/5ml", "100 ml", "100 mL"),
    ("Zonk 0.1% cream 30g tube", "1", "30 g"),
    ("Zonk 0.1% cream", "15 gm", "15 g"),
    ("Zonk insulin 40 IU/ml injection", "10 ml vial", "10 mL"),
    ("Zonk inhaler 100mcg/dose 200 doses", "1", "200 dose"),
    ("Zonk 25 mcg/h patches", "5", "5 patch"),
    ("Zonk suppositories 100mg 10's", "", "10 suppository"),
    ("Zonk 2.5 mg/2 ml nebules", "20", "20 ampoule"),
]


async def lines(text, country="AU"):
    sheets = await read_sheets("list.csv", text.encode())
    return contents_of(sheets, "list.csv", country)


@pytest.mark.parametrize("name, pack, counted", PACKS)
async def test_what_is_counted_follows_from_the_name_the_form_and_the_pack(name, pack, counted):
    (line,) = (await lines(f"Product,Pack size,Price\n{name},{pack},9.50\n")).lines
    assert f"{line.product['pack_size']} {line.product['unit']}" == counted


async def test_where_name_and_column_differ_the_column_counts_and_it_is_said():
    (line,) = (await lines("Product,Pack size,Price\nZonk tabs 5 mg 30's,10,9.50\n")).lines
    assert line.product["pack_size"] == 10
    assert any("The name says 30 and the pack column 10" in remark.says for remark in line.remarks)


GENERIC = """Sr No,Drug Code,Generic Name,Unit Size,MRP,Group Name
1,15,Naproxen Tablets IP 250 mg,15's,11.00,Analgesics
2,701,Warfarin Tablets 5mg,10 Tablets,3.20,Cardiovascular
3,702,Warfarin Tablets 1mg,10 Tablets,3.20,Cardiovascular
4,703,Trimethoprim 40mg + Sulfamethoxazole 200mg Suspension,60 ml,3.20,Anti-infectives
5,704,Co-amoxiclav 625 mg tablets,10's,30.00,Anti-infectives
"""


async def test_strength_and_form_inside_the_generic_name_are_read_and_a_group_is_no_brand():
    found = (await lines(GENERIC)).lines
    assert [line.label for line in found[:4]] == [
        "naproxen 250 mg tablet",
        "warfarin 5 mg tablet",
        "warfarin 1 mg tablet",
        "trimethoprim 40 mg + sulfamethoxazole 200 mg oral suspension",
    ]
    assert not any(line.product.get("brand") for line in found)
    assert found[4].broken and "does not tell how much there is of each" in found[4].remarks[0].says


async def test_two_strengths_without_codes_never_become_one():
    found = (await lines(GENERIC.replace("Drug Code", "Foo"))).lines
    assert len({line.key for line in found}) == 5


async def test_what_is_not_said_is_not_made_up():
    text = "Product,Pack size,Price\nNaproxen,10 Tablets,4.00\nNaproxen 250 mg,10,4.00\nGauze swabs,10,4.00\n"
    bare, formless, gauze = (await lines(text)).lines
    assert (bare.label, bare.parts[0].strength) == ("naproxen tablet", "")
    assert any("No strength is named" in remark.says for remark in bare.remarks)
    assert "unit" not in formless.product and "form" not in formless.product
    assert (gauze.product["generic"], gauze.product["unit"]) == ("Gauze swabs", "piece")


PRICES = [
    ("₹10.00", "10", "INR"), ("₹ 1,23,456.50", "123456.5", "INR"), ("Rs. 8.00", "8", ""), ("Rs 8/-", "8", ""),
    ("4.10/-", "4.1", ""), ("INR 5", "5", "INR"), ("12.50 AED", "12.5", "AED"), ("KSh 1,200.00", "1200", "KES"),
    ("Ksh. 50/=", "50", "KES"), ("R$ 1.234,56", "1234.56", "BRL"), ("12,50 zł", "12.5", "PLN"),
    ("Fr. 12.50", "12.5", ""), ("CHF 1'234.50", "1234.5", "CHF"), ("1’234.50 CHF", "1234.5", "CHF"),
    ("kr. 12,50", "12.5", ""), ("kr 100,-", "100", ""), ("100.-", "100", ""), ("₪18", "18", "ILS"),
    ("18 ₪", "18", "ILS"), ("₦1,500", "1500", "NGN"), ("₱ 45.00", "45", "PHP"), ("¥1200", "1200", ""),
    ("£3.20", "3.2", ""), ("€ 3,20", "3.2", "EUR"), ("3,20\u00a0€", "3.2", "EUR"),
    ("1\u202f234,56\u00a0€", "1234.56", "EUR"), ("1\u2009234.56", "1234.56", ""), ("A$12", "12", "AUD"),
    ("US$ 5.00", "5", "USD"), ("$ .50", "0.5", ""), ("R 1 234,56", "1234.56", "ZAR"),
    ("1.234.567,89", "1234567.89", ""),
    ("8.074", "8.074", ""), ("0,285", "0.285", ""), ("$119.69 +GST", "119.69", ""), ("٣٫٥", "3.5", ""),
]  # fmt: skip


@pytest.mark.parametrize("written, amount, currency", PRICES)
def test_prices_are_read_in_every_usual_currency(written, amount, currency):
    assert (money(written), currency_in(written)) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    "written", ["10 tablets", "12 mg", "x12", "12-15", "1/2", "3.5.6", "-5", "$-5", "cheap", "10 TAB"]
)
def test_what_is_no_price_is_refused(written):
    with pytest.raises(ValueError, match=r"price|number"):
        money(written)


@pytest.mark.parametrize(
    "column, mark",
    [
        (["1.234", "5.00"], "."), (["1.234", "5,00"], ","), (["8.074", "11.06138"], "."), (["1.234,50", "2.000"], ","),
        (["12,50"], ","), (["1,234"], ""), (["1.234"], "?"), (["3.20", "3,20"], "?"), ([Decimal("1.234")], ""),
    ],
)  # fmt: skip
def test_what_stands_before_the_decimals_follows_from_the_column(column, mark):
    assert decimal_mark(column) == mark


async def test_an_amount_that_may_be_two_is_asked():
    open_column = (await lines("Product,Pack,Price\nZonk 5 mg tabs,10,1.234\nBonk 5 mg tabs,10,2.500\n")).lines
    assert all(line.broken and "may be" in line.remarks[0].says for line in open_column)
    german = (await lines('Product;Pack;Price\nZonk 5 mg tabs;10;1.234\nBonk 5 mg tabs;10;"2,50"\n')).lines
    assert [line.product["price"] for line in german] == [1234, Decimal("2.5")]


DELIVERIES = [
    (
        "Code,Item,Pack size,Requested packs,Unit,Price per unit (before discount),Discount percentage,"
        "Price per unit (after discount),Delivery date\nP1,Naproxen 250mg tablet,30,2,tablet,0.20,10,0.18,12/03/2026\n",
        "30 tablet 5.4",
        {"Requested packs", "Delivery date"},
    ),
    (
        "Item,Pack size,Qty ordered,Unit price,Discount %\nNaproxen 250mg tablet,100,3,0.30,5\n",
        "100 tablet 28.5",
        {"Qty ordered"},
    ),
    (
        "Product,Pack size,Order quantity,Free goods,Price per pack,Price per unit\n"
        "Naproxen 250mg tablet,30,10,1,6.00,0.20\n",
        "30 tablet 6",
        {"Order quantity", "Free goods", "Price per unit"},
    ),
    (
        "Product,Pack size,Delivered,Qty,Net unit price,Invoice date\nNaproxen 250mg tablet,28,4,4,0.25,2026-03-12\n",
        "28 tablet 7",
        {"Delivered", "Invoice date"},
    ),
]


@pytest.mark.parametrize("text, pack, unused", DELIVERIES)
async def test_of_a_delivery_the_price_of_a_pack_is_reckoned_and_the_order_is_no_pack(text, pack, unused):
    contents = await lines(text)
    (line,) = contents.lines
    told = line.product
    assert f"{told['pack_size']} {told['unit']} {told['price'].normalize():f}" == pack
    assert "since" not in line.listing
    assert unused <= set(contents.remarks[0].values["columns"].split(", "))


async def test_a_price_list_still_multiplies_its_outer_packs():
    (line,) = (await lines("Product,Pack size,Quantity,SEP\nNaproxen 250mg tablet,10,3,6.00\n", "ZA")).lines
    assert (line.product["pack_size"], line.product["price"]) == (30, 6)


@pytest.mark.parametrize(
    "header", ["Group Name", "Company Name", "Warehouse code", "Customer name", "Region", "Order no"]
)
async def test_names_and_codes_of_other_things_are_none_of_the_medicine(header):
    (line,) = (await lines(f"{header},Medicine,Pack size,Price\nFoo 12,Naproxen 250mg tablet,10,6.00\n")).lines
    assert line.label == "naproxen 250 mg tablet" and "code" not in line.listing


def test_every_word_for_a_form_leads_to_what_is_counted():
    forms = [form for form in named_forms().values() if form.form]
    assert forms and all(form_of(form.form).unit for form in forms)


async def test_rows_of_a_delivery_without_brands_are_medicines_of_their_own():
    text = "Generic name,Pack size,Unit price\nNaproxen 250mg tablets,10,0.20\nWarfarin 5mg tablets,20,0.10\n"
    assert [(line.label, line.product["price"]) for line in (await lines(text)).lines] == [
        ("naproxen 250 mg tablet", 2),
        ("warfarin 5 mg tablet", 2),
    ]


LOOSE = [
    "Warfarin 5 tablets,10",
    "Warfarin 5 tab 10's,",
    "Warfarin 5,10 tablets",
    "Tab Warfarin 5,10",
    "Naproxen 30 tablets,",
]


@pytest.mark.parametrize("row", LOOSE)
async def test_a_number_without_a_unit_is_asked(row):
    (line,) = (await lines(f"Product,Pack size,Price\n{row},4.00\n")).lines
    assert line.broken and any("a number has no unit" in remark.says for remark in line.remarks)


@given(st.text(max_size=80))
def test_no_text_breaks_a_name(text):
    read = read_name(text)
    assert read.count is None or read.count >= 0


@given(st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=3), max_size=6))
def test_no_rows_break_a_price_list(cells):
    from galen.medicines.importing.reading import FileRow, FileSheet

    header = FileRow(1, ("Product", "Pack size", "Price"))
    rows = [FileRow(number, tuple(row)) for number, row in enumerate(cells, 2)]
    contents_of([FileSheet("", [header, *rows])], "list.csv", "AU")
