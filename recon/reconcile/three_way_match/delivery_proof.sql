-- delivery_proof: what proofs of delivery add to what the dock received, on lines that are shipped past it.
--
-- grain     receipt_key
-- reads     receipt_line, order_line, unit
-- params    $as_of  DATE, later events are not seen
-- money     none
-- rule      A proof of delivery counts only where goods never pass the dock, on drop-ship orders and lines. Where a
--           receipt is posted for such a line too, both tell of one delivery: goods come once. So the proofs count as
--           far as they go beyond the receipts, the oldest give way first; a receipt that is reversed was none, one
--           that is returned was. Quantities are in shares, and `shares` is 1; it is empty where the unit cannot be
--           converted. Keys and line numbers as in receipt_event. (Specification 1.1, receipt_line: one physical
--           event.)
with event as (
    select
        replace(replace(event.receipt_id, '~', '~0'), '/', '~1') || '/' || event.line_no as receipt_key,
        event.receipt_id,
        event.line_no as receipt_line_no,
        coalesce(event.kind, 'RECEIPT') as kind,
        line.po_id,
        line.po_line_no,
        line.own_group_no,
        line.match_type,
        line.match_basis,
        line.scale,
        event.receipt_date as supply_date,
        coalesce(event.packing_slip, event.receipt_id) as cite_key,
        event.ref_receipt_id,
        event.ref_line_no,
        coalesce(unit.shares, case when event.uom = line.uom then line.shares end) as shares,
        event.qty,
        coalesce(event.accepted_qty, event.qty) as accepted
    from order_line as line
    inner join receipt_line as event
        on
            line.po_id = event.po_id
            and line.line_no_norm = ltrim(upper(trim(event.po_line_no)), '0')
            and (line.line_key = line.line_no_norm or line.po_line_no = event.po_line_no)
    left join unit on line.has_unit and line.item_id = unit.item_id and event.uom = unit.uom
    where
        line.is_drop_ship
        and line.match_type <> 'BILL_ONLY'
        and event.receipt_date <= $as_of
        and coalesce(event.status, 'POSTED') <> 'DRAFT'
),

docked as (
    select
        po_id,
        po_line_no,
        cast(sum(cast(qty as decimal(38, 6)) * shares) as decimal(38, 6)) as qty
    from event
    where kind in ('RECEIPT', 'REVERSAL')
    group by po_id, po_line_no
),

proof as (
    select
        event.*,
        cast(cast(event.qty as decimal(38, 6)) * coalesce(event.shares, 0) as decimal(38, 6)) as proved,
        sum(
            greatest(
                cast(0 as decimal(38, 6)),
                cast(cast(event.qty as decimal(38, 6)) * coalesce(event.shares, 0) as decimal(38, 6))
            )
        ) over (
            partition by event.po_id, event.po_line_no
            order by event.supply_date, event.receipt_id, event.receipt_line_no
            rows between unbounded preceding and current row
        ) as hi,
        greatest(cast(0 as decimal(38, 6)), coalesce(docked.qty, 0)) as docked
    from event
    left join docked on event.po_id = docked.po_id and event.po_line_no = docked.po_line_no
    where event.kind = 'POD'
)

select
    receipt_key,
    receipt_id,
    receipt_line_no,
    po_id,
    po_line_no,
    own_group_no,
    match_type,
    match_basis,
    scale,
    supply_date,
    -- A proof below zero takes back: it is no delivery that the dock could have seen.
    cast(least(proved, greatest(cast(0 as decimal(38, 6)), hi - docked)) as decimal(38, 6)) as qty,
    cast(cast(accepted as decimal(38, 6)) * coalesce(shares, 0) as decimal(38, 6)) as accepted_qty,
    case when shares is not null then cast(1 as bigint) end as shares,
    cite_key,
    ref_receipt_id,
    ref_line_no
from proof
