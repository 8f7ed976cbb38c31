-- receipt_netted: what is left of the receipts of order lines of which goods went back.
--
-- grain     receipt_key
-- reads     receipt_event
-- params    none
-- money     none
-- rule      A return or reversal takes from the receipt it refers to, what that cannot give and what
--           refers to nothing takes from the newest receipt of the order line first. A receipt's line
--           has one number with and without zeros in front (001 and 1), unless the receipt has both. The order of
--           the documents does not matter. Most order lines have nothing going back: they are not here.
--           (Specification 1.2 step 4.)
with back as (
    select
        po_id,
        po_line_no,
        ref_receipt_id,
        ref_line_no,
        -qty as qty
    from receipt_event
    where has_unit and qty < 0
),

returned as (
    select
        po_id,
        po_line_no,
        cast(sum(qty) as decimal(38, 6)) as qty
    from back
    group by po_id, po_line_no
),

layer as (
    select
        event.receipt_key,
        event.receipt_id,
        event.receipt_line_no,
        event.po_id,
        event.po_line_no,
        event.supply_date,
        event.qty,
        returned.qty as returned
    from receipt_event as event
    inner join returned on event.po_id = returned.po_id and event.po_line_no = returned.po_line_no
    where event.has_unit and event.qty > 0
),

-- The line that is named, as it is written or with other zeros in front; none named, the first.
named as (
    select
        reference.po_id,
        reference.po_line_no,
        reference.ref_receipt_id,
        reference.ref_line_no,
        layer.receipt_line_no,
        row_number() over (
            partition by
                reference.po_id, reference.po_line_no, reference.ref_receipt_id, reference.ref_line_no
            order by
                case when reference.ref_line_no = layer.receipt_line_no then 0 else 1 end,
                layer.receipt_key
        ) as place
    from (
        select distinct
            po_id,
            po_line_no,
            ref_receipt_id,
            ref_line_no
        from back
    ) as reference
    inner join layer
        on
            reference.po_id = layer.po_id
            and reference.po_line_no = layer.po_line_no
            and reference.ref_receipt_id = layer.receipt_id
            and (
                reference.ref_line_no is null
                or ltrim(upper(trim(reference.ref_line_no)), '0') = ltrim(upper(trim(layer.receipt_line_no)), '0')
            )
),

referred as (
    select
        back.po_id,
        back.po_line_no,
        named.ref_receipt_id as receipt_id,
        named.receipt_line_no,
        cast(sum(back.qty) as decimal(38, 6)) as qty
    from back
    inner join named
        on
            back.po_id = named.po_id
            and back.po_line_no = named.po_line_no
            and back.ref_receipt_id = named.ref_receipt_id
            and coalesce(back.ref_line_no, '') = coalesce(named.ref_line_no, '')
            and named.place = 1
    group by back.po_id, back.po_line_no, named.ref_receipt_id, named.receipt_line_no
),

after_referred as (
    select
        layer.*,
        least(layer.qty, coalesce(referred.qty, 0)) as taken
    from layer
    left join referred
        on
            layer.po_id = referred.po_id
            and layer.po_line_no = referred.po_line_no
            and layer.receipt_id = referred.receipt_id
            and layer.receipt_line_no = referred.receipt_line_no
),

taken_so_far as (
    select
        po_id,
        po_line_no,
        cast(sum(taken) as decimal(38, 6)) as qty
    from after_referred
    group by po_id, po_line_no
),

-- What no reference could take, against the newest receipts.
newest_first as (
    select
        after_referred.*,
        after_referred.returned - taken_so_far.qty as still_to_take,
        coalesce(
            sum(after_referred.qty - after_referred.taken) over (
                partition by after_referred.po_id, after_referred.po_line_no
                order by after_referred.supply_date desc, after_referred.receipt_key desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from after_referred
    inner join taken_so_far
        on after_referred.po_id = taken_so_far.po_id and after_referred.po_line_no = taken_so_far.po_line_no
)

select
    receipt_key,
    cast(
        qty - taken - least(qty - taken, greatest(cast(0 as decimal(38, 6)), still_to_take - newer))
        as decimal(38, 6)
    ) as received
from newest_first
