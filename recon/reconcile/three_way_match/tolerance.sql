-- tolerance: the one row of tolerance_rule that applies, per check and per kind of invoice line that differs.
--
-- grain     supplier_id, category, is_implant, facility_id, invoice_date, check_name
-- reads     tolerance_rule, line_difference, document_balance, billed_line, order_found, purchase_order
-- params    none
-- money     none
-- rule      Of the rows in force on the invoice's date whose stated keys all match, the most specific one wins and
--           replaces the others whole: a supplier weighs 4, a category 2, a facility 1. Nothing is inherited from a row
--           that lost.
--           Categories are compared in capitals; of two that are then the same, the one written as the item's goes
--           before. An implant of a category that has no rows of its own has the rules of implants. (Specification
--           1.3.)
with kind as (
    select
        supplier_id,
        category,
        is_implant,
        facility_id,
        invoice_date
    from line_difference
    union
    -- Charges have no category, whatever the goods beside them are.
    select
        line.supplier_id,
        '' as category,
        false as is_implant,
        coalesce(header.facility_id, line.facility_id, '') as facility_id,
        line.invoice_date
    from billed_line as line
    left join order_found
        on
            line.po_number = order_found.po_number
            and line.supplier_group = order_found.supplier_group
            and coalesce(line.facility_id, '') = order_found.facility_id
    left join purchase_order as header on order_found.po_id = header.po_id
    where line.line_type <> 'ITEM'
    union
    select
        supplier_id,
        '' as category,
        false as is_implant,
        coalesce(facility_id, '') as facility_id,
        invoice_date
    from document_balance
),

ranked as (
    select
        kind.supplier_id,
        kind.category,
        kind.is_implant,
        kind.facility_id,
        kind.invoice_date,
        rule."check" as check_name,
        rule.rule_id,
        rule.pct,
        rule.abs as abs_limit,
        coalesce(rule.mode, 'ALL') as mode,
        row_number() over (
            partition by
                kind.supplier_id,
                kind.category,
                kind.is_implant,
                kind.facility_id,
                kind.invoice_date,
                rule."check"
            order by
                case when rule.supplier_id is not null then 4 else 0 end
                + case when rule.category is not null then 2 else 0 end
                + case when rule.facility_id is not null then 1 else 0 end desc,
                case
                    when rule.category is null or rule.category = kind.category then 0
                    when upper(trim(rule.category)) = upper(trim(kind.category)) then 1
                    else 2
                end,
                rule.valid_from desc,
                rule.rule_id
        ) as place
    from kind
    inner join tolerance_rule as rule
        on
            rule.valid_from <= kind.invoice_date
            and coalesce(rule.valid_to, date '9999-12-31') >= kind.invoice_date
            and (rule.supplier_id is null or rule.supplier_id = kind.supplier_id)
            and (
                rule.category is null
                or upper(trim(rule.category)) = upper(trim(kind.category))
                or (upper(trim(rule.category)) = 'IMPLANT' and kind.is_implant)
            )
            and (rule.facility_id is null or rule.facility_id = kind.facility_id)
)

select
    supplier_id,
    category,
    is_implant,
    facility_id,
    invoice_date,
    check_name,
    rule_id,
    pct,
    cast(abs_limit as decimal(19, 2)) as abs_limit,
    mode = 'ANY' as is_any,
    pct is null and abs_limit is null as is_unlimited
from ranked
where place = 1
