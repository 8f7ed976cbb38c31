-- stake: every dollar that is held, tolerated or above contract, under the check that decided it.
--
-- grain     invoice_id, line_no, check_name
-- reads     stake_on_goods, stake_on_freight, stake_on_document, invoice_line_result, invoice_document,
--           match_group, purchase_order, item
-- params    none
-- money     per line, held and tolerated sum to those of invoice_line_result
-- rule      OTHER is what no tolerance decides: a line without an order, a duplicate, a tax, ...
--           The category is that of the item ordered, else of the item billed.
with decided as (
    select * from stake_on_goods
    union all
    select * from stake_on_freight
    union all
    select * from stake_on_document
),

decided_on_line as (
    select
        invoice_id,
        line_no,
        sum(held) as held,
        sum(tolerated) as tolerated
    from decided
    group by invoice_id, line_no
),

every_stake as (
    select * from decided
    union all
    select
        line.invoice_id,
        line.line_no,
        'OTHER' as check_name,
        cast(null as varchar) as finding,
        cast(null as varchar) as rule_id,
        cast(line.held - coalesce(decided_on_line.held, 0) as decimal(18, 2)) as held,
        cast(line.tolerated - coalesce(decided_on_line.tolerated, 0) as decimal(18, 2)) as tolerated,
        cast(0 as decimal(18, 2)) as leak,
        cast(null as boolean) as has_contract
    from invoice_line_result as line
    left join decided_on_line
        on line.invoice_id = decided_on_line.invoice_id and line.line_no = decided_on_line.line_no
    where
        line.held <> coalesce(decided_on_line.held, 0)
        or line.tolerated <> coalesce(decided_on_line.tolerated, 0)
)

select
    stake.invoice_id,
    stake.line_no,
    stake.check_name,
    document.supplier_id,
    coalesce(line.facility_id, document.facility_id) as facility_id,
    document.currency,
    document.invoice_number,
    document.invoice_date,
    header.po_number,
    line.po_line_no,
    line.item_id,
    case
        when line.invoice_id is null then '(whole document)'
        when line.line_type <> 'ITEM' then '(' || lower(line.line_type) || ')'
        else coalesce(grp.category, item.category, '(no category)')
    end as category,
    stake.finding,
    stake.rule_id,
    stake.held,
    stake.tolerated,
    stake.leak,
    stake.has_contract
from every_stake as stake
inner join invoice_document as document on stake.invoice_id = document.invoice_id
left join invoice_line_result as line on stake.invoice_id = line.invoice_id and stake.line_no = line.line_no
left join match_group as grp on line.match_group = grp.match_group
left join purchase_order as header on line.po_id = header.po_id
left join item on line.item_id = item.item_id
