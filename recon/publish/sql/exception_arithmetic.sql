-- exception_arithmetic: how the dollars of an exception come about, step by step, as text.
--
-- grain     exception_key, step_no
-- reads     exception_documents, invoice_line_result, invoice_line, invoice, item_uom
-- params    none
-- money     recomputed from the documents in whole numbers of millionths and rounded once, so that
--           the reader can set it beside the impact the match arrived at
-- rule      three-way match 1.2 steps 6 to 9: A ordered and received, B ordered and not received,
--           C received beyond the order, D neither; price per base unit = price x den / num
with invoice_sum as (
    select
        invoice_id,
        sum(amount) as lines_amount
    from invoice_line
    group by invoice_id
),

-- A sender may write every unit in millionths: a person reads the fraction reduced.
unit as (
    select
        item_id,
        uom,
        to_base_num // gcd(to_base_num, to_base_den) as num,
        to_base_den // gcd(to_base_num, to_base_den) as den
    from item_uom
),

numbers as (
    select
        documents.*,
        result.invoice_id as result_id,
        result.amount,
        result.supported,
        result.tolerated,
        result.held as line_held,
        result.routed,
        result.qty_a,
        result.qty_b,
        result.qty_c,
        result.qty_d,
        coalesce(billed.num, 1) as billed_num,
        coalesce(billed.den, 1) as billed_den,
        coalesce(ordered.num, 1) as ordered_num,
        coalesce(ordered.den, 1) as ordered_den,
        invoice.disc_pct,
        invoice_sum.lines_amount,
        case
            when documents.code in ('PRICE_OVER', 'PRICE_UNDER', 'PRICE_PO_STALE', 'UOM_SUSPECT')
                then 'price'
            when documents.code in ('QTY_NOT_RECEIVED', 'RECEIPT_REVERSED', 'QTY_NOT_ACCEPTED') then 'B'
            when documents.code = 'QTY_OVER_ORDERED' then 'C'
            when documents.code = 'OVER_RECEIPT' then 'order price'
            when documents.code = 'QTY_OVER_BILLED' then 'D'
            when documents.code = 'FREIGHT_OVER_CAP' then 'cap'
            when documents.code = 'LINE_MATH' then 'math'
            when documents.code = 'INVOICE_OUT_OF_BALANCE' then 'balance'
            when documents.code in ('DISCOUNT_AT_RISK', 'DISCOUNT_LOST') then 'discount'
            else 'whole'
        end as formula
    from exception_documents as documents
    left join invoice_line_result as result
        on documents.invoice_id = result.invoice_id and documents.line_no = result.line_no
    left join invoice on documents.invoice_id = invoice.invoice_id
    left join invoice_sum on documents.invoice_id = invoice_sum.invoice_id
    left join unit as billed
        on documents.item_id = billed.item_id and documents.billed_uom = billed.uom
    left join unit as ordered
        on documents.item_id = ordered.item_id and documents.ordered_uom = ordered.uom
),

-- Prices per base unit as fractions: millionths of a dollar over base units.
per_base as (
    select
        *,
        millionths(billed_price) * billed_den as p_num,
        cast(billed_num as hugeint) * 1000000 as p_den,
        millionths(ordered_price) * ordered_den as o_num,
        cast(ordered_num as hugeint) * millionths(ordered_price_per) as o_den,
        price_text(billed_price)
        || case when billed_num <> 1 then ' ÷ ' || cast(billed_num as varchar) else '' end
        || case when billed_den <> 1 then ' × ' || cast(billed_den as varchar) else '' end as p_text,
        price_text(ordered_price)
        || case when ordered_num <> 1 then ' ÷ ' || cast(ordered_num as varchar) else '' end
        || case when ordered_den <> 1 then ' × ' || cast(ordered_den as varchar) else '' end
        || case when ordered_price_per <> 1 then ' ÷ ' || quantity_text(ordered_price_per) else '' end
            as o_text,
        case formula
            when 'B' then qty_b
            when 'C' then qty_c
            when 'D' then qty_d
            else at_stake_qty
        end as counted_qty
    from numbers
),

counted as (
    select
        *,
        coalesce(o_num * p_den < p_num * o_den, false) as order_is_lower
    from per_base
),

product as (
    select
        *,
        case
            when formula = 'price'
                then
                    quantity_text(counted_qty) || ' × (' || p_text || ' − ' || o_text || ')'
            when formula = 'order price' or (formula = 'C' and order_is_lower)
                then quantity_text(counted_qty) || ' × ' || o_text
            when formula in ('B', 'C', 'D') then quantity_text(counted_qty) || ' × ' || p_text
            when formula = 'cap' then money_text(billed_amount) || ' − ' || money_text(tolerance_abs)
            when formula = 'math'
                then
                    money_text(billed_amount)
                    || ' − ' || quantity_text(billed_qty) || ' × ' || price_text(billed_price)
            when formula = 'balance'
                then money_text(invoice_total) || ' − ' || money_text(lines_amount)
            when formula = 'discount'
                then money_text(invoice_total) || ' × ' || price_text(disc_pct * 100) || ' ÷ 100'
        end as said,
        case
            when formula = 'price'
                then
                    try(to_cents(
                        millionths(counted_qty) * (p_num * o_den - o_num * p_den), p_den * o_den * 1000000
                    ))
            when formula = 'order price' or (formula = 'C' and order_is_lower)
                then try(to_cents(millionths(counted_qty) * o_num, o_den * 1000000))
            when formula in ('B', 'C', 'D')
                then try(to_cents(millionths(counted_qty) * p_num, p_den * 1000000))
            when formula = 'cap' then cast(billed_amount - tolerance_abs as decimal(18, 2))
            when formula = 'math'
                then
                    try(to_cents(
                        millionths(billed_amount) * 1000000
                        - millionths(billed_qty) * millionths(billed_price),
                        1000000000000
                    ))
            when formula = 'balance' then cast(invoice_total - lines_amount as decimal(18, 2))
            when formula = 'discount'
                then try(to_cents(millionths(invoice_total) * millionths(disc_pct), 1000000000000))
        end as computed
    from counted
)

select
    exception_key,
    1 as step_no,
    'Billed: ' || quantity_text(billed_qty) || ' ' || billed_uom || ' × ' || price_text(billed_price)
    || ' = ' || money_text(to_cents(millionths(billed_qty) * millionths(billed_price), 1000000000000))
    || ', stated as ' || money_text(billed_amount) || ' ' || currency as step
from product
where billed_qty is not null and billed_price is not null
union all
select
    exception_key,
    2 as step_no,
    'In base units: ' || quantity_text(qty_a) || ' ordered and received + '
    || quantity_text(qty_b) || ' ordered, not received + '
    || quantity_text(qty_c) || ' received beyond the order + '
    || quantity_text(qty_d) || ' neither = ' || quantity_text(qty_a + qty_b + qty_c + qty_d) as step
from product
where result_id is not null and abs(qty_a) + abs(qty_b) + abs(qty_c) + abs(qty_d) > 0
union all
select
    exception_key,
    3 as step_no,
    coalesce(
        said || ' = ' || money_text(computed),
        case
            when impact = 0 then 'No dollars are at stake: '
            when severity = 'WARN' then 'What the warning is about: '
            when line_no is null then 'At stake on the whole document: '
            when impact = billed_amount then 'The whole line is at stake: '
            else 'At stake of the line''s ' || money_text(billed_amount) || ': '
        end || money_text(impact)
    )
    || case
        when computed <> impact
            then
                '; this exception counts ' || money_text(impact)
                || ': the rest is credited, latent, or another exception''s'
        else ''
    end || ' ' || currency as step
from product
union all
select
    exception_key,
    4 as step_no,
    'The invoice line: ' || money_text(amount) || ' = ' || money_text(supported) || ' supported + '
    || money_text(tolerated) || ' tolerated + ' || money_text(line_held) || ' held + '
    || money_text(routed) || ' routed' as step
from product
where result_id is not null
order by all
