-- line_identity: of the lines with candidates, the one order line, or the one class of equal ones, that they are about.
--
-- grain     invoice_id, line_no
-- reads     line_candidate, kit_roll, order_line
-- params    none
-- money     unit prices compared by cross-multiplication
-- rule      Of several candidates those at the invoice's price stay, if there are any: in its currency, if one is. If
--           those that stay share item (else catalogue number), unit and price per unit, it makes no difference which
--           is meant: they are pooled. It does make a difference where they differ in how they are matched (receipts,
--           none, use; quantity or dollars) or in currency: a pool has one supply, counted in one way.
--           Otherwise the line is ambiguous (PO_LINE_AMBIGUOUS) and nothing is picked.
--           A kit that is billed by its components is looked for in the same way, by its first line. (Specification 1.2
--           steps 3 and 5; 1.8 invariant 9.)
with kit as (
    select
        roll.invoice_id,
        roll.line_no,
        line.po_id,
        line.po_line_no,
        line.item_id as goods,
        line.uom,
        line.price,
        line.price_shares,
        line.match_type || ' ' || line.match_basis || ' ' || line.currency as terms,
        cast(null as integer) as tier,
        false as is_substitute,
        true as is_same_currency,
        cast(roll.price as decimal(38, 6)) * line.price_shares
        = cast(line.price as decimal(38, 6)) * cast(roll.kits * line.scale as bigint) as is_same_price
    from kit_roll as roll
    inner join order_line as line on roll.po_id = line.po_id and roll.kit_item_id = line.item_id
    where roll.line_no = roll.roll_line_no and (line.status <> 'CANCELLED' or not roll.is_live)
),

candidate as (
    select * from line_candidate
    union all
    select * from kit
),

at_price as (
    select
        invoice_id,
        line_no,
        count(case when is_same_price then 1 end) as at_price,
        count(case when is_same_price and is_same_currency then 1 end) as in_currency
    from candidate
    group by invoice_id, line_no
),

staying as (
    select candidate.*
    from candidate
    inner join at_price on candidate.invoice_id = at_price.invoice_id and candidate.line_no = at_price.line_no
    where
        at_price.at_price = 0
        or (candidate.is_same_price and (candidate.is_same_currency or at_price.in_currency = 0))
),

identity as (
    select
        invoice_id,
        line_no,
        min(po_id) as po_id,
        min(po_line_no) as po_line_no,
        min(tier) as tier,
        count(*) as lines,
        min(goods) = max(goods) and min(uom) = max(uom) and min(terms) = max(terms) as are_alike,
        max(case when is_substitute then 1 else 0 end) = 1 as is_substitute
    from staying
    group by invoice_id, line_no
),

-- 50.00 for one and 5,000.00 for a hundred are one price.
of_two_prices as (
    select distinct
        staying.invoice_id,
        staying.line_no
    from staying
    inner join identity on staying.invoice_id = identity.invoice_id and staying.line_no = identity.line_no
    inner join order_line as line on identity.po_id = line.po_id and identity.po_line_no = line.po_line_no
    where
        cast(staying.price as decimal(38, 6)) * line.price_shares
        <> cast(line.price as decimal(38, 6)) * staying.price_shares
)

select
    identity.invoice_id,
    identity.line_no,
    identity.po_id,
    identity.po_line_no,
    line.line_key,
    identity.tier,
    identity.lines > 1 and identity.are_alike and of_two_prices.invoice_id is null as is_pooled,
    identity.lines > 1 and not (identity.are_alike and of_two_prices.invoice_id is null) as is_ambiguous,
    identity.is_substitute
from identity
inner join order_line as line on identity.po_id = line.po_id and identity.po_line_no = line.po_line_no
left join of_two_prices
    on identity.invoice_id = of_two_prices.invoice_id and identity.line_no = of_two_prices.line_no
