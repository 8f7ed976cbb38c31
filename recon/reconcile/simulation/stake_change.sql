-- stake_change: one night under the rules as they are, and under the changed ones, side by side.
--
-- grain     invoice_id, line_no, check_name
-- reads     stake_before, stake_after
-- params    $as_of  DATE, the business date
-- money     DECIMAL, taken over unchanged; 0 where a side has nothing at stake
-- rule      Treated differently: other dollars held, tolerated or above contract. Another rule row that
--           decides the same is no difference.
with both_sides as (
    select
        coalesce(after.invoice_id, before.invoice_id) as invoice_id,
        coalesce(after.line_no, before.line_no) as line_no,
        coalesce(after.check_name, before.check_name) as check_name,
        coalesce(after.supplier_id, before.supplier_id) as supplier_id,
        coalesce(after.facility_id, before.facility_id) as facility_id,
        coalesce(after.currency, before.currency) as currency,
        coalesce(after.invoice_number, before.invoice_number) as invoice_number,
        coalesce(after.invoice_date, before.invoice_date) as invoice_date,
        coalesce(after.po_number, before.po_number) as po_number,
        coalesce(after.po_line_no, before.po_line_no) as po_line_no,
        coalesce(after.item_id, before.item_id) as item_id,
        coalesce(after.category, before.category) as category,
        coalesce(after.has_contract, before.has_contract) as has_contract,
        before.finding as finding_before,
        after.finding as finding_after,
        before.rule_id as rule_before,
        after.rule_id as rule_after,
        coalesce(before.held, cast(0 as decimal(18, 2))) as held_before,
        coalesce(after.held, cast(0 as decimal(18, 2))) as held_after,
        coalesce(before.tolerated, cast(0 as decimal(18, 2))) as tolerated_before,
        coalesce(after.tolerated, cast(0 as decimal(18, 2))) as tolerated_after,
        coalesce(before.leak, cast(0 as decimal(18, 2))) as leak_before,
        coalesce(after.leak, cast(0 as decimal(18, 2))) as leak_after
    from stake_before as before
    full outer join stake_after as after
        on
            before.invoice_id = after.invoice_id
            and before.line_no = after.line_no
            and before.check_name = after.check_name
)

select
    cast($as_of as date) as business_date,
    both_sides.*,
    (
        held_before <> held_after
        or tolerated_before <> tolerated_after
        or leak_before <> leak_after
    ) as is_different
from both_sides
