-- supply: what each receipt offers to its group, in the measure the group is matched by.
--
-- grain     receipt_key
-- reads     receipt_layer, order_group, match_group
-- params    none
-- money     on an amount basis: received quantity at the order's price, rounded once to cents
-- rule      4WAY offers what was accepted; 2WAY asks for no receipt; ERS is paid on receipt, so neither
--           is there anything to match nor to await. (Specification 1.2 step 5.)
select
    layer.receipt_key,
    layer.receipt_id,
    layer.receipt_line_no,
    grp.match_group,
    layer.po_id,
    layer.po_line_no,
    layer.supply_date,
    layer.cite_key,
    layer.lot,
    layer.gross,
    layer.received,
    cast(
        case
            when grp.match_basis = 'AMOUNT'
                then
                    cast(
                        (
                            cast(layer.received * 1000000 as hugeint) * cast(grp.price * 1000000 as hugeint) * 200
                            + cast(grp.price_shares as hugeint) * 1000000000000
                        ) // (cast(grp.price_shares as hugeint) * 2000000000000)
                        as decimal(30, 0)
                    ) * 0.01
            when grp.match_type = '4WAY' then layer.accepted
            else layer.received
        end
        as decimal(38, 6)
    ) as offered
from receipt_layer as layer
inner join order_group on layer.po_id = order_group.po_id and layer.po_line_no = order_group.po_line_no
inner join match_group as grp on order_group.match_group = grp.match_group
where grp.match_type not in ('2WAY', 'ERS')
