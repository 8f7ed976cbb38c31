-- line_price: billed, ordered and contract price of lines that differ, made comparable without dividing.
--
-- grain     invoice_id, line_no
-- reads     line_differing, matched_line, line_netted, match_group, contract_in_force
-- params    none
-- money     whole numbers: millionths of a dollar for `k` shares, where k is a common multiple of the
--           shares that the three prices are for. A quantity in millionths times such a price is an
--           exact value in dollars x k x 10^12.
-- rule      The three prices are for different numbers of shares (a price per box beside one per piece). Each is
--           multiplied by k over its own number of shares, which is a whole number; so prices in k can be compared and
--           subtracted, and nothing is rounded. On an amount basis one dollar is one dollar, whatever the prices.
--           (Specification 1.2 steps 1 and 7.)
with priced as (
    select
        line.invoice_id,
        line.line_no,
        line.group_no,
        line.match_type,
        line.match_basis,
        line.ordered,
        grp.scale,
        grp.item_id,
        coalesce(grp.category, '') as category,
        grp.is_implant,
        line.amount,
        line.price,
        line.qty_billed,
        line.is_lot_bound,
        line.residual,
        line.measure as billed,
        -- A credit asks for nothing.
        case
            when line.is_credit then cast(0 as decimal(38, 6))
            else coalesce(netted.need, line.measure)
        end as need,
        line.supplier_id,
        coalesce(line.order_facility_id, line.facility_id, '') as facility_id,
        line.invoice_date,
        grp.match_basis = 'AMOUNT' as is_amount,
        case when grp.match_basis = 'AMOUNT' then 1 else line.price_shares end as a,
        case when grp.match_basis = 'AMOUNT' then 1 else grp.price_shares end as b,
        coalesce(contract.price_shares, 1) as c,
        case when grp.match_basis = 'AMOUNT' then 1 else grp.scale end as base_unit,
        line.price as billed_price,
        grp.price as ordered_price,
        contract.price as contract_price
    from line_differing as differing
    inner join matched_line as line
        on differing.invoice_id = line.invoice_id and differing.line_no = line.line_no
    inner join match_group as grp on line.group_no = grp.group_no
    left join line_netted as netted
        on differing.invoice_id = netted.invoice_id and differing.line_no = netted.line_no
    left join contract_in_force as contract
        on differing.invoice_id = contract.invoice_id and differing.line_no = contract.line_no
),

two as (
    select
        priced.*,
        cast(
            case when a % b = 0 then a when b % a = 0 then b else cast(a as hugeint) * b end as hugeint
        ) as ab
    from priced
),

three as (
    select
        two.*,
        case when ab % c = 0 then ab when c % ab = 0 then cast(c as hugeint) else ab * c end as k
    from two
)

select
    invoice_id,
    line_no,
    group_no,
    match_type,
    match_basis,
    ordered,
    scale,
    item_id,
    category,
    is_implant,
    amount,
    price,
    qty_billed,
    is_lot_bound,
    residual,
    billed,
    need,
    supplier_id,
    facility_id,
    invoice_date,
    k,
    cast(base_unit as hugeint) as base_unit,
    case
        when is_amount then cast(1000000 as hugeint)
        else cast(billed_price * 1000000 as hugeint) * (k // a)
    end as p,
    case
        when is_amount then cast(1000000 as hugeint)
        else cast(ordered_price * 1000000 as hugeint) * (k // b)
    end as po_p,
    cast(contract_price * 1000000 as hugeint) * (k // c) as contract_p
from three
