-- counted_change: every stake of the nights replayed, each counted once.
--
-- grain     invoice_id, line_no, check_name
-- reads     stake_change, supplier, item
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      Counted as it stood on the last night on which the two sets of rules treat it differently; on
--           the newest night, where they never do. A hold that later closed by itself is so still seen: had
--           it not been held, nobody had asked for the credit that closed it.
with ranked as (
    select
        stake_change.*,
        count(case when is_different then 1 end) over (
            partition by invoice_id, line_no, check_name
        ) as nights_different,
        min(case when is_different then business_date end) over (
            partition by invoice_id, line_no, check_name
        ) as first_different,
        row_number() over (
            partition by invoice_id, line_no, check_name
            order by case when is_different then 0 else 1 end, business_date desc
        ) as place
    from stake_change
)

select
    ranked.invoice_id,
    ranked.line_no,
    ranked.check_name,
    ranked.business_date,
    ranked.first_different,
    cast(ranked.nights_different as integer) as nights_different,
    ranked.supplier_id,
    supplier.name as supplier_name,
    ranked.facility_id,
    ranked.currency,
    ranked.invoice_number,
    ranked.invoice_date,
    nullif(ranked.line_no, 0) as invoice_line_no,
    ranked.po_number,
    ranked.po_line_no,
    ranked.item_id,
    item.description as item_description,
    ranked.category,
    ranked.has_contract,
    ranked.finding_before,
    ranked.finding_after,
    ranked.rule_before,
    ranked.rule_after,
    ranked.held_before,
    ranked.held_after,
    cast(ranked.held_before - ranked.held_after as decimal(18, 2)) as released,
    ranked.tolerated_before,
    ranked.tolerated_after,
    cast(ranked.tolerated_after - ranked.tolerated_before as decimal(18, 2)) as tolerated_added,
    ranked.leak_before,
    ranked.leak_after,
    cast(ranked.leak_after - ranked.leak_before as decimal(18, 2)) as leak_added,
    ranked.is_different
from ranked
left join supplier on ranked.supplier_id = supplier.supplier_id
left join item on ranked.item_id = item.item_id
where ranked.place = 1
