-- supply: what each receipt offers to its match group, in the measure the group is matched by.
--
-- grain     receipt_key
-- reads     receipt_layer
-- held      no
-- params    none
-- money     `offered` is dollars on an amount basis, shares otherwise; `scale` as in receipt_layer
-- rule      All of receipt_layer, without groups that ask for no receipt: 2WAY is matched without one, and ERS is paid
--           on receipt, so that there is nothing to match nor an invoice to await. (Specification 1.2 step 5; 1.8
--           invariant 6.)
select
    receipt_key,
    receipt_id,
    receipt_line_no,
    group_no,
    po_id,
    po_line_no,
    supply_date,
    upper(trim(cite_key)) as cite_key,
    received,
    offered,
    scale
from receipt_layer
where match_type not in ('2WAY', 'ERS')
