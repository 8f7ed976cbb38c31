-- reorder_detail: what is to be ordered, with the items' names.
--
-- grain     facility_id, location_id, item_id
-- reads     reorder_proposal, item
-- params    none
-- money     none; quantities DECIMAL
-- rule      as proposed; nothing is ordered by this toolkit
select
    reorder_proposal.facility_id,
    reorder_proposal.location_id,
    reorder_proposal.item_id,
    item.description as item_description,
    reorder_proposal.on_hand,
    reorder_proposal.on_order,
    reorder_proposal.order_qty
from reorder_proposal
left join item on reorder_proposal.item_id = item.item_id
order by reorder_proposal.facility_id, reorder_proposal.location_id, reorder_proposal.item_id
