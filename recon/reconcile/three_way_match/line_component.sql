-- line_component: the causes of a line's dollars that are not simply supported, each exact, tolerated or held.
--
-- grain     invoice_id, line_no, code
-- reads     line_difference, tolerance, unit, policy, demand, supply
-- params    none
-- money     `worth` = dollars x k x 10^12, a whole number: nothing is rounded here
-- rule      With p billed and P ordered per base unit, and the regions A to D of line_region: LINE_MATH is what the
--           amount says beyond quantity times price; the price variance is (A+C)(p-P) less price credits, or A(p-P)
--           where p is below P; what is ordered and not received is worth B x p, what is received beyond the order C x
--           min(p, P), what is neither D x p.
--           Each is compared with its tolerance on the whole line, and is then tolerated, or held under one code. A
--           tolerated price or quantity has its code in lower case: it is no finding. (Specification 1.2 steps 7 and 9;
--           1.3.)
with ruled as (
    select
        line.*,
        price_rule.rule_id as price_rule_id,
        price_rule.pct as price_pct,
        price_rule.abs_limit as price_abs,
        price_rule.is_any as price_any,
        received_rule.rule_id as received_rule_id,
        received_rule.pct as received_pct,
        received_rule.abs_limit as received_abs,
        received_rule.is_any as received_any,
        ordered_rule.rule_id as ordered_rule_id,
        ordered_rule.pct as ordered_pct,
        ordered_rule.abs_limit as ordered_abs,
        ordered_rule.is_any as ordered_any,
        math_rule.rule_id as math_rule_id,
        math_rule.pct as math_pct,
        math_rule.abs_limit as math_abs,
        math_rule.is_any as math_any
    from line_difference as line
    left join tolerance as price_rule
        on
            line.supplier_id = price_rule.supplier_id
            and line.category = price_rule.category
            and line.is_implant = price_rule.is_implant
            and line.facility_id = price_rule.facility_id
            and line.invoice_date = price_rule.invoice_date
            and price_rule.check_name = 'PRICE'
    left join tolerance as received_rule
        on
            line.supplier_id = received_rule.supplier_id
            and line.category = received_rule.category
            and line.is_implant = received_rule.is_implant
            and line.facility_id = received_rule.facility_id
            and line.invoice_date = received_rule.invoice_date
            and received_rule.check_name = 'QTY_RECEIVED'
            and line.match_basis = 'QTY'
    left join tolerance as ordered_rule
        on
            line.supplier_id = ordered_rule.supplier_id
            and line.category = ordered_rule.category
            and line.is_implant = ordered_rule.is_implant
            and line.facility_id = ordered_rule.facility_id
            and line.invoice_date = ordered_rule.invoice_date
            and ordered_rule.check_name = case line.match_basis when 'AMOUNT' then 'AMT_ORDERED' else 'QTY_ORDERED' end
    left join tolerance as math_rule
        on
            line.supplier_id = math_rule.supplier_id
            and line.category = math_rule.category
            and line.is_implant = math_rule.is_implant
            and line.facility_id = math_rule.facility_id
            and line.invoice_date = math_rule.invoice_date
            and math_rule.check_name = 'LINE_MATH'
),

-- A price that is off by the ratio of two of the item's units is a unit, not a price.
off_by_unit as (
    select distinct
        ruled.invoice_id,
        ruled.line_no
    from ruled
    inner join unit as larger on ruled.item_id = larger.item_id
    inner join unit as smaller on ruled.item_id = smaller.item_id and larger.shares > smaller.shares
    where
        ruled.po_p > 0
        and ruled.p > ruled.po_p
        and abs(ruled.p * smaller.shares - ruled.po_p * larger.shares) * 100 <= ruled.po_p * larger.shares
),

tested as (
    select
        ruled.*,
        off_by_unit.invoice_id is not null as is_off_by_unit,
        case
            when p > po_p then greatest(cast(0 as hugeint), (a + c) * (p - po_p) - credited)
            else a * (p - po_p)
        end as price_worth,
        -- On all that was billed: no credit, of a part of the difference or of the goods, makes the price right.
        greatest(cast(0 as hugeint), billed * (p - po_p)) as price_tested,
        -- Millionths of billed x P, rounded down: of what is whole first, so that large worths fit.
        cast(price_pct * 1000000 as hugeint) * (billed * po_p // 1000000)
        + cast(price_pct * 1000000 as hugeint) * (billed * po_p % 1000000) // 1000000 as price_pct_limit
    from ruled
    left join off_by_unit
        on ruled.invoice_id = off_by_unit.invoice_id and ruled.line_no = off_by_unit.line_no
),

judged as (
    select
        tested.*,
        case
            when price_rule_id is null then false
            when price_abs is null and price_pct is null then true
            when price_any
                then
                    coalesce(price_tested <= cast(price_abs * 100 as hugeint) * k * 10000000000, false)
                    or coalesce(price_tested <= price_pct_limit, false)
            else
                coalesce(price_tested <= cast(price_abs * 100 as hugeint) * k * 10000000000, true)
                and coalesce(price_tested <= price_pct_limit, true)
        end as is_price_ok,
        case
            when received_rule_id is null then false
            when received_abs is null and received_pct is null then true
            when received_any
                then
                    coalesce(shortfall <= cast(received_abs * 1000000 as hugeint) * scale, false)
                    or coalesce(shortfall * 1000000 <= cast(received_pct * 1000000 as hugeint) * hi, false)
            else
                coalesce(shortfall <= cast(received_abs * 1000000 as hugeint) * scale, true)
                and coalesce(shortfall * 1000000 <= cast(received_pct * 1000000 as hugeint) * hi, true)
        end as is_received_ok,
        case
            when ordered_rule_id is null then false
            when ordered_abs is null and ordered_pct is null then true
            when ordered_any
                then
                    coalesce(excess <= cast(ordered_abs * 1000000 as hugeint) * ordered_scale, false)
                    or coalesce(excess * 1000000 <= cast(ordered_pct * 1000000 as hugeint) * ordered, false)
            else
                coalesce(excess <= cast(ordered_abs * 1000000 as hugeint) * ordered_scale, true)
                and coalesce(excess * 1000000 <= cast(ordered_pct * 1000000 as hugeint) * ordered, true)
        end as is_ordered_ok,
        case
            when math_rule_id is null then false
            when math_abs is null and math_pct is null then true
            when math_any
                then
                    coalesce(abs(residual) <= math_abs, false)
                    or coalesce(abs(residual) <= math_pct * abs(amount - residual), false)
            else
                coalesce(abs(residual) <= math_abs, true)
                and coalesce(abs(residual) <= math_pct * abs(amount - residual), true)
        end as is_math_ok,
        coalesce(
            (
                select value
                from policy
                where policy = 'price_po_stale'
            ), 'tolerate'
        ) = 'hold' as stale_holds,
        -- Within a cent is at the contract's price, whatever is tolerated above it: a wide tolerance holds no more.
        contract_p is not null
        and abs(p - contract_p) * base_unit <= k * 10000
        and abs(po_p - contract_p) * base_unit > k * 10000 as is_order_stale
    from tested
),

-- Lines that name a lot, where another one was used.
other_lot as (
    select distinct
        demand.invoice_id,
        demand.line_no
    from judged
    inner join demand on judged.invoice_id = demand.invoice_id and judged.line_no = demand.line_no
    inner join supply on demand.group_no = supply.group_no and demand.cites <> supply.cite_key
    where judged.is_lot_bound and judged.b > 0
),

component as (
    select
        invoice_id,
        line_no,
        case when is_math_ok then 'line_math' else 'LINE_MATH' end as code,
        k,
        cast(residual * 100 as hugeint) * k * 10000000000 as worth,
        cast(null as hugeint) as qty,
        not is_math_ok as is_held,
        math_rule_id as rule_id
    from judged
    where residual <> 0
    union all
    select
        invoice_id,
        line_no,
        case
            when is_order_stale and (p > po_p or not stale_holds) then 'PRICE_PO_STALE'
            when p < po_p then 'PRICE_UNDER'
            when is_price_ok then 'price'
            when is_off_by_unit then 'UOM_SUSPECT'
            else 'PRICE_OVER'
        end as code,
        k,
        price_worth as worth,
        case when p > po_p then a + c else a end as qty,
        -- What is billed below the order is never held: it would pay more than was asked.
        p > po_p and case when is_order_stale then stale_holds else not is_price_ok end as is_held,
        price_rule_id as rule_id
    from judged
    where price_worth <> 0
    union all
    select
        judged.invoice_id,
        judged.line_no,
        case
            when is_received_ok then 'qty_received'
            when match_basis = 'AMOUNT' then 'AMT_NOT_RECEIVED'
            when match_type = 'BILL_ONLY' and other_lot.invoice_id is not null then 'BILL_ONLY_LOT_MISMATCH'
            when match_type = 'BILL_ONLY' then 'BILL_ONLY_NO_USAGE'
            else 'QTY_NOT_RECEIVED'
        end as code,
        k,
        (b - b_went_back - b_not_accepted) * p as worth,
        b - b_went_back - b_not_accepted as qty,
        not is_received_ok as is_held,
        received_rule_id as rule_id
    from judged
    left join other_lot on judged.invoice_id = other_lot.invoice_id and judged.line_no = other_lot.line_no
    where b - b_went_back - b_not_accepted > 0
    union all
    select
        invoice_id,
        line_no,
        case when is_received_ok then 'qty_received' else 'RECEIPT_REVERSED' end as code,
        k,
        b_went_back * p as worth,
        b_went_back as qty,
        not is_received_ok as is_held,
        received_rule_id as rule_id
    from judged
    where b_went_back > 0
    union all
    select
        invoice_id,
        line_no,
        case when is_received_ok then 'qty_received' else 'QTY_NOT_ACCEPTED' end as code,
        k,
        b_not_accepted * p as worth,
        b_not_accepted as qty,
        not is_received_ok as is_held,
        received_rule_id as rule_id
    from judged
    where b_not_accepted > 0
    union all
    select
        invoice_id,
        line_no,
        case
            when is_ordered_ok then 'qty_ordered'
            when match_basis = 'AMOUNT' then 'AMT_OVER_ORDERED'
            else 'QTY_OVER_ORDERED'
        end as code,
        k,
        c * least(p, po_p) as worth,
        c as qty,
        not is_ordered_ok as is_held,
        ordered_rule_id as rule_id
    from judged
    where c > 0
    union all
    select
        invoice_id,
        line_no,
        case
            when is_ordered_ok and (is_received_ok or match_basis = 'AMOUNT') then 'qty_ordered'
            when match_basis = 'AMOUNT' then 'AMT_OVER_ORDERED'
            else 'QTY_OVER_BILLED'
        end as code,
        k,
        d * p as worth,
        d as qty,
        (not (is_ordered_ok and (is_received_ok or match_basis = 'AMOUNT'))) as is_held,
        ordered_rule_id as rule_id
    from judged
    where d > 0
)

select
    component.invoice_id,
    component.line_no,
    component.code,
    component.k,
    cast(sum(component.worth) as hugeint) as worth,
    cast(sum(component.qty) as hugeint) as qty,
    max(case when component.is_held then 1 else 0 end) = 1 as is_held,
    min(component.rule_id) as rule_id
from component
group by component.invoice_id, component.line_no, component.code, component.k
