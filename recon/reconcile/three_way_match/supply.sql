-- supply: what each receipt offers to its group, in the measure the group is matched by.
--
-- grain     receipt_key
-- reads     receipt_layer, order_group, match_group
-- params    none
-- money     on an amount basis: received quantity at the order's price, dollars where it has a
--           limit and no price; of an order line's receipts, oldest first, the running
--           total is rounded to cents, so that a receipt keyed as two offers what it offered as one
-- rule      4WAY offers what was accepted; 2WAY asks for no receipt; ERS is paid on receipt, so neither
--           is there anything to match nor to await. (Specification 1.2 step 5; 1.8 invariant 6.)
with layer as (
    select
        receipt_layer.*,
        grp.match_group,
        grp.match_type,
        grp.match_basis,
        case when grp.price = 0 and grp.ordered > 0 then cast(1 as decimal(19, 6)) else grp.price end as price,
        case when grp.price = 0 and grp.ordered > 0 then grp.shares else grp.price_shares end as price_shares
    from receipt_layer
    left join order_group
        on receipt_layer.po_id = order_group.po_id and receipt_layer.po_line_no = order_group.po_line_no
    inner join match_group as grp
        on
            receipt_layer.po_id = grp.po_id
            and coalesce(order_group.group_line_no, receipt_layer.po_line_no) = grp.po_line_no
    where grp.match_type not in ('2WAY', 'ERS')
),

running as (
    select
        receipt_key,
        po_id,
        po_line_no,
        supply_date,
        price,
        price_shares,
        sum(received) over (
            partition by po_id, po_line_no
            order by supply_date, receipt_key
            rows between unbounded preceding and current row
        ) as hi
    from layer
    where match_basis = 'AMOUNT'
),

worth as (
    select
        receipt_key,
        po_id,
        po_line_no,
        supply_date,
        cast(
            cast(
                (
                    cast(hi * 1000000 as hugeint) * cast(price * 1000000 as hugeint) * 2
                    + cast(price_shares as hugeint) * 10000000000
                ) // (cast(price_shares as hugeint) * 20000000000)
                as decimal(30, 0)
            ) * 0.01
            as decimal(38, 6)
        ) as hi
    from running
),

amount as (
    select
        receipt_key,
        cast(
            hi - coalesce(
                max(hi) over (
                    partition by po_id, po_line_no
                    order by supply_date, receipt_key
                    rows between 1 preceding and 1 preceding
                ),
                0
            )
            as decimal(38, 6)
        ) as dollars
    from worth
)

select
    layer.receipt_key,
    layer.receipt_id,
    layer.receipt_line_no,
    layer.match_group,
    layer.po_id,
    layer.po_line_no,
    layer.supply_date,
    layer.cite_key,
    layer.lot,
    layer.gross,
    layer.received,
    cast(
        case
            when layer.match_basis = 'AMOUNT' then amount.dollars
            when layer.match_type = '4WAY' then layer.accepted
            else layer.received
        end
        as decimal(38, 6)
    ) as offered
from layer
left join amount on layer.receipt_key = amount.receipt_key
