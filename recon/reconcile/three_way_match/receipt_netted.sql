-- receipt_netted: what is left of the receipts of order lines of which goods went back.
--
-- grain     receipt_key
-- reads     receipt_event, order_group
-- params    none
-- money     none
-- rule      A return or reversal takes from the receipt it refers to; of a receipt of which no line is named, from all
--           of it; of use, from use of the lot that it names. What that cannot give, and what refers to nothing, takes
--           from the newest receipt of the order line first, then from the newest of the lines it is pooled with. In
--           which order the documents arrived does not matter.
--           A receipt's line has one number with and without zeros in front (001 and 1), unless the receipt has both.
--           Most order lines have nothing going back: they are not here. (Specification 1.2 steps 3 and 4.)
with back as (
    select
        event.po_id,
        coalesce(order_group.group_line_no, event.po_line_no) as group_line_no,
        event.po_line_no,
        event.ref_receipt_id,
        event.ref_line_no,
        case when event.match_type = 'BILL_ONLY' then upper(trim(event.cite_key)) end as ref_lot,
        cast(-sum(event.qty) as decimal(38, 6)) as qty
    from receipt_event as event
    left join order_group on event.po_id = order_group.po_id and event.po_line_no = order_group.po_line_no
    where event.has_unit and event.qty < 0
    group by
        event.po_id,
        coalesce(order_group.group_line_no, event.po_line_no),
        event.po_line_no,
        event.ref_receipt_id,
        event.ref_line_no,
        case when event.match_type = 'BILL_ONLY' then upper(trim(event.cite_key)) end
),

returned as (
    select
        po_id,
        group_line_no,
        cast(sum(qty) as decimal(38, 6)) as qty
    from back
    group by po_id, group_line_no
),

layer as (
    select
        event.receipt_key,
        event.receipt_id,
        event.receipt_line_no,
        event.po_id,
        event.po_line_no,
        event.supply_date,
        event.cite_key,
        event.qty,
        returned.group_line_no,
        returned.qty as returned
    from receipt_event as event
    left join order_group on event.po_id = order_group.po_id and event.po_line_no = order_group.po_line_no
    inner join returned
        on
            event.po_id = returned.po_id
            and coalesce(order_group.group_line_no, event.po_line_no) = returned.group_line_no
    where event.has_unit and event.qty > 0
),

-- The lines of the receipt that is named: of the own order line, and as the line is written, before others.
named as (
    select
        back.po_id,
        back.po_line_no,
        back.qty,
        layer.receipt_key,
        layer.qty as came,
        coalesce(
            sum(layer.qty) over (
                partition by
                    back.po_id,
                    back.group_line_no,
                    back.po_line_no,
                    back.ref_receipt_id,
                    back.ref_line_no,
                    back.ref_lot
                order by
                    case when back.po_line_no = layer.po_line_no then 0 else 1 end,
                    case when back.ref_line_no = layer.receipt_line_no then 0 else 1 end,
                    case when back.ref_lot is null then date '0001-01-01' else layer.supply_date end desc,
                    layer.receipt_key
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before
    from back
    inner join layer
        on
            back.po_id = layer.po_id
            and back.group_line_no = layer.group_line_no
            and (
                back.ref_lot = upper(trim(layer.cite_key))
                or (
                    back.ref_receipt_id = layer.receipt_id
                    and (
                        back.ref_line_no is null
                        or ltrim(upper(trim(back.ref_line_no)), '0') = ltrim(upper(trim(layer.receipt_line_no)), '0')
                    )
                )
            )
),

directed as (
    select
        po_id,
        po_line_no,
        receipt_key,
        least(came, greatest(cast(0 as decimal(38, 6)), qty - before)) as qty
    from named
),

referred as (
    select
        receipt_key,
        cast(sum(qty) as decimal(38, 6)) as qty
    from directed
    group by receipt_key
),

after_referred as (
    select
        layer.*,
        least(layer.qty, coalesce(referred.qty, 0)) as taken,
        greatest(cast(0 as decimal(38, 6)), coalesce(referred.qty, 0) - layer.qty) as beyond
    from layer
    left join referred on layer.receipt_key = referred.receipt_key
),

-- What no reference could take, of each order line.
loose as (
    select
        po_id,
        po_line_no,
        cast(sum(qty) as decimal(38, 6)) as qty
    from (
        select
            po_id,
            po_line_no,
            qty
        from back
        union all
        select
            po_id,
            po_line_no,
            -qty as qty
        from directed
        union all
        select
            po_id,
            po_line_no,
            beyond as qty
        from after_referred
    ) as untaken
    group by po_id, po_line_no
),

newest_of_line as (
    select
        line.*,
        coalesce(loose.qty, 0) as loose,
        coalesce(
            sum(line.qty - line.taken) over (
                partition by line.po_id, line.po_line_no
                order by line.supply_date desc, line.receipt_key desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from after_referred as line
    left join loose on line.po_id = loose.po_id and line.po_line_no = loose.po_line_no
),

after_line as (
    select
        receipt_key,
        po_id,
        group_line_no,
        supply_date,
        qty,
        returned,
        taken + least(qty - taken, greatest(cast(0 as decimal(38, 6)), loose - newer)) as taken
    from newest_of_line
),

-- What one line of a group has not to give, the others have.
newest_of_group as (
    select
        line.*,
        line.returned - sum(line.taken) over (partition by line.po_id, line.group_line_no) as still_to_take,
        coalesce(
            sum(line.qty - line.taken) over (
                partition by line.po_id, line.group_line_no
                order by line.supply_date desc, line.receipt_key desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from after_line as line
)

select
    receipt_key,
    cast(
        qty - taken - least(qty - taken, greatest(cast(0 as decimal(38, 6)), still_to_take - newer))
        as decimal(38, 6)
    ) as received
from newest_of_group
