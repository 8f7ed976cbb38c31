-- acknowledgement: what the supplier's newest acknowledgement (855) says of each order line, part by part.
--
-- grain     po_id, po_line_no, ack_seq
-- reads     po_ack_line, order_line, unit
-- params    $as_of  DATE, acknowledgements dated later are not seen
-- money     price is for price_shares shares: never divided
-- rule      A supplier may answer an order more than once: per order line the acknowledgement of the newest date
--           counts, of one day the one with the highest identity, and all its parts with it.
--           `answer` says in one word what the status code (X12 element 668) means: PRICE, QTY, CHANGED (either),
--           SUBSTITUTE, REJECTED or BACKORDER; every other code, and none, is ACCEPTED.
--           A part without a unit is in the order's unit. A unit that cannot be converted leaves `shares` empty:
--           nothing is compared with it. (Specification 1.1, 855 line status codes; 1.4.)
with answered as (
    select
        line.po_id,
        line.po_line_no,
        ack.ack_seq,
        ack.ack_code,
        ack.qty,
        ack.price,
        nullif(trim(ack.item_catalog_no), '') as item_catalog_no,
        case
            when unit.shares is not null then unit.shares
            when coalesce(ack.uom, line.uom) = line.uom then line.shares
        end as shares,
        line.shares as order_shares,
        line.price_shares as order_price_shares,
        rank() over (
            partition by line.po_id, line.po_line_no
            order by ack.acknowledged_date desc nulls last, ack.ack_id desc nulls last
        ) as place
    from po_ack_line as ack
    inner join order_line as line
        on
            ack.po_id = line.po_id
            and ltrim(upper(trim(ack.line_no)), '0') = line.line_no_norm
            and (line.line_key = line.line_no_norm or ack.line_no = line.po_line_no)
    left join unit on line.has_unit and line.item_id = unit.item_id and ack.uom = unit.uom
    where coalesce(ack.acknowledged_date, $as_of) <= $as_of
)

select
    po_id,
    po_line_no,
    ack_seq,
    case
        when ack_code = 'IP' then 'PRICE'
        when ack_code = 'IQ' then 'QTY'
        when ack_code = 'IC' then 'CHANGED'
        when ack_code = 'IS' then 'SUBSTITUTE'
        when ack_code in ('IR', 'ID') or ack_code like 'R_' then 'REJECTED'
        when ack_code in ('IB', 'BP') then 'BACKORDER'
        else 'ACCEPTED'
    end as answer,
    item_catalog_no,
    cast(price as decimal(19, 6)) as price,
    -- The order's price is for order_price_shares: one unit, or the 100 or 1000 it is quoted for.
    cast(shares * (order_price_shares // order_shares) as bigint) as price_shares,
    cast(cast(qty as decimal(38, 6)) * shares as decimal(38, 6)) as qty
from answered
where place = 1
