-- receipt_worth: the dollars that each receipt offers to a group that is matched by amount.
--
-- grain     receipt_key
-- reads     receipt_event, receipt_netted, order_group, match_group
-- params    none
-- money     received quantity (4WAY: accepted) at the order's price, or dollars themselves where the line has a limit
--           and no price; each rounded to cents by running total
-- rule      The receipts of an order line are added up, oldest first, and the running total is rounded: so a receipt
--           that is keyed as two offers what it would have offered as one. (Specification 1.2 step 5, amount basis; 1.8
--           invariant 6.)
with layer as (
    select
        event.receipt_key,
        event.po_id,
        event.po_line_no,
        event.supply_date,
        case
            when grp.match_type = '4WAY'
                then
                    greatest(
                        cast(0 as decimal(38, 6)),
                        least(event.accepted, event.qty, coalesce(netted.received, event.qty))
                    )
            else coalesce(netted.received, event.qty)
        end as offered,
        case when grp.price = 0 and grp.ordered > 0 then cast(1 as decimal(19, 6)) else grp.price end as price,
        case when grp.price = 0 and grp.ordered > 0 then grp.shares else grp.price_shares end as price_shares
    from receipt_event as event
    left join receipt_netted as netted on event.receipt_key = netted.receipt_key
    left join order_group on event.po_id = order_group.po_id and event.po_line_no = order_group.po_line_no
    inner join match_group as grp on coalesce(order_group.group_no, event.own_group_no) = grp.group_no
    where grp.match_basis = 'AMOUNT' and event.has_unit and event.qty > 0
),

running as (
    select
        receipt_key,
        po_id,
        po_line_no,
        supply_date,
        price,
        price_shares,
        sum(offered) over (
            partition by po_id, po_line_no
            order by supply_date, receipt_key
            rows between unbounded preceding and current row
        ) as hi
    from layer
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
)

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
