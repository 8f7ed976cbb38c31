-- receipt_event: what physically happened to an order line's goods: receipts, returns, reversals, use, in shares.
--
-- grain     receipt_key
-- reads     receipt_line, usage_line, delivery_proof, order_line, unit
-- params    $as_of  DATE, later events are not seen
-- money     none
-- rule      Drafts are no supply. What proofs of delivery count, delivery_proof says. A bill-only line is supplied by
--           its use on a patient, never by the dock; use is recorded in base units, and a record below zero takes back
--           use of its lot.
--           `has_unit` is false where the unit cannot be converted: the event is then reported (finding_on_order), not
--           counted. In a receipt_key the id's ~ and / are written ~0 and ~1: line 2 of R/1 is not line 1/2 of R.
--           An order line's number is the same with zeros in front, unless the order has both (1 and 001).
--           (Specification 1.1; 1.2 steps 0 and 5.)
with dock as (
    select
        replace(replace(event.receipt_id, '~', '~0'), '/', '~1') || '/' || event.line_no as receipt_key,
        event.receipt_id,
        event.line_no as receipt_line_no,
        line.po_id,
        line.po_line_no,
        line.own_group_no,
        line.match_type,
        line.match_basis,
        line.scale,
        event.receipt_date as supply_date,
        event.qty,
        event.accepted_qty,
        case
            when unit.shares is not null then unit.shares
            when event.uom = line.uom then line.shares
        end as shares,
        coalesce(event.packing_slip, event.receipt_id) as cite_key,
        event.ref_receipt_id,
        event.ref_line_no
    from receipt_line as event
    inner join order_line as line
        on
            event.po_id = line.po_id
            and ltrim(upper(trim(event.po_line_no)), '0') = line.line_no_norm
            and (line.line_key = line.line_no_norm or event.po_line_no = line.po_line_no)
    -- The unit ordered in needs no look-up: most goods come in it.
    left join unit on line.has_unit and line.item_id = unit.item_id and nullif(event.uom, line.uom) = unit.uom
    where
        event.receipt_date <= $as_of
        and coalesce(event.status, 'POSTED') <> 'DRAFT'
        and coalesce(event.kind, 'RECEIPT') <> 'POD'
        and line.match_type <> 'BILL_ONLY'
),

used as (
    select
        replace(replace(event.usage_id, '~', '~0'), '/', '~1') as receipt_key,
        event.usage_id as receipt_id,
        cast(null as varchar) as receipt_line_no,
        line.po_id,
        line.po_line_no,
        line.own_group_no,
        line.match_type,
        line.match_basis,
        line.scale,
        event.case_date as supply_date,
        event.qty,
        cast(null as decimal(18, 6)) as accepted_qty,
        line.scale as shares,
        coalesce(event.lot, event.usage_id) as cite_key,
        cast(null as varchar) as ref_receipt_id,
        cast(null as varchar) as ref_line_no
    from usage_line as event
    inner join order_line as line
        on
            event.po_id = line.po_id
            and ltrim(upper(trim(event.po_line_no)), '0') = line.line_no_norm
            and (line.line_key = line.line_no_norm or event.po_line_no = line.po_line_no)
    where event.case_date <= $as_of and line.match_type = 'BILL_ONLY'
),

every_event as (
    select * from dock
    union all
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
        qty,
        accepted_qty,
        shares,
        cite_key,
        ref_receipt_id,
        ref_line_no
    from delivery_proof
    union all
    select * from used
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
    cite_key,
    ref_receipt_id,
    ref_line_no,
    shares is not null as has_unit,
    cast(cast(qty as decimal(38, 6)) * coalesce(shares, 0) as decimal(38, 6)) as qty,
    cast(cast(coalesce(accepted_qty, qty) as decimal(38, 6)) * coalesce(shares, 0) as decimal(38, 6)) as accepted
from every_event
