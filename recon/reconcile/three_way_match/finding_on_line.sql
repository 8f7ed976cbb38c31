-- finding_on_line: what is found on one invoice line: one row per line and code.
--
-- grain     invoice_id, line_no, code
-- reads     billed_line, invoice_document, invoice_duplicate, matched_line, charge_line, line_difference,
--           credit_line, line_cent, line_component, line_leak, contract_in_force, price_credit
-- params    none
-- money     impact: what is held, for a code that holds; the negative or tolerated variance, or the leak
-- rule      Each code is asked of the relation that knows it: what stopped a line from being matched, charges, credits,
--           components held or tolerated, contract prices and leaks. A line that bills again what an earlier invoice
--           billed at the same price names that invoice: a re-bill under a new number is no duplicate by its number.
--           (Specification 1.2 step 2; 1.4.)
with stopped as (
    select
        invoice_id,
        line_no,
        case
            when
                is_credit
                and code in ('NO_PO', 'PO_NOT_FOUND', 'SUPPLIER_MISMATCH', 'PO_LINE_NOT_FOUND', 'PO_LINE_AMBIGUOUS')
                then 'CREDIT_UNLINKED'
            else code
        end as code,
        case when code = 'NON_PO_ROUTED' then cast(0 as decimal(18, 2)) else amount end as impact
    from matched_line
    where code is not null
),

-- Base units at stake: shares in millionths, over shares per base unit, cut at six decimals.
component as (
    select
        cent.invoice_id,
        cent.line_no,
        cent.code,
        cent.amount as impact,
        cent.rule_id,
        cast(
            cast(
                cent.qty // line.base_unit as decimal(32, 0)
            ) * 0.000001
            as decimal(18, 6)
        ) as qty,
        case
            when cent.code in ('PRICE_OVER', 'PRICE_UNDER', 'PRICE_PO_STALE', 'UOM_SUSPECT') then leak.latent
        end as latent
    from line_cent as cent
    inner join line_difference as line on cent.invoice_id = line.invoice_id and cent.line_no = line.line_no
    left join line_leak as leak on cent.invoice_id = leak.invoice_id and cent.line_no = leak.line_no
    where cent.amount <> 0 and (cent.is_held or cent.code in ('PRICE_UNDER', 'PRICE_PO_STALE'))
),

-- A bill sent again under a new number: the first line before it of the same goods, quantity and price.
billed_before as (
    select
        line.invoice_id,
        line.line_no,
        earlier.invoice_id as earlier_invoice_id,
        row_number() over (
            partition by line.invoice_id, line.line_no
            order by earlier.invoice_date, earlier.invoice_id, earlier.line_no
        ) as place
    from line_cent as cent
    inner join matched_line as line on cent.invoice_id = line.invoice_id and cent.line_no = line.line_no
    inner join matched_line as earlier
        on
            line.group_no = earlier.group_no
            and line.qty_billed = earlier.qty_billed
            and line.uom = earlier.uom
            and line.price = earlier.price
            and (
                earlier.invoice_date < line.invoice_date
                or (earlier.invoice_date = line.invoice_date and earlier.invoice_id < line.invoice_id)
            )
    where cent.code = 'QTY_OVER_BILLED' and earlier.code is null and not earlier.is_credit
),

-- A price that a credit has put right: the variance is gone, the story stays.
resolved as (
    select
        credit.invoice_id,
        credit.line_no
    from price_credit as credit
    left join line_component as component
        on
            credit.invoice_id = component.invoice_id
            and credit.line_no = component.line_no
            and component.code in ('PRICE_OVER', 'PRICE_PO_STALE', 'UOM_SUSPECT', 'price')
    where component.invoice_id is null
),

found as (
    select
        line.invoice_id,
        line.line_no,
        duplicate.code,
        line.amount as impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        duplicate.original_id as related_document,
        cast(null as varchar) as rule_id
    from billed_line as line
    inner join invoice_duplicate as duplicate on line.invoice_id = duplicate.invoice_id
    where duplicate.is_duplicate
    union all
    select
        invoice_id,
        line_no,
        code,
        impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        cast(null as varchar) as related_document,
        cast(null as varchar) as rule_id
    from stopped
    union all
    select
        component.invoice_id,
        component.line_no,
        component.code,
        component.impact,
        component.latent,
        component.qty,
        billed_before.earlier_invoice_id as related_document,
        component.rule_id
    from component
    left join billed_before
        on
            component.invoice_id = billed_before.invoice_id
            and component.line_no = billed_before.line_no
            and billed_before.place = 1
            and component.code = 'QTY_OVER_BILLED'
    union all
    select
        invoice_id,
        line_no,
        code,
        case when code = 'NON_PO_ROUTED' then cast(0 as decimal(18, 2)) else held end as impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        cast(null as varchar) as related_document,
        rule_id
    from charge_line
    where code is not null
    union all
    select
        invoice_id,
        line_no,
        'CREDIT_EXCEEDS_INVOICED' as code,
        exceeding as impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        cast(null as varchar) as related_document,
        cast(null as varchar) as rule_id
    from credit_line
    where exceeding <> 0
    union all
    select
        invoice_id,
        line_no,
        'CREDIT_NO_RETURN' as code,
        unreturned_amount as impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        cast(null as varchar) as related_document,
        cast(null as varchar) as rule_id
    from credit_line
    where unreturned_amount <> 0
    union all
    select
        invoice_id,
        line_no,
        'SUBSTITUTE_ACKNOWLEDGED' as code,
        cast(0 as decimal(18, 2)) as impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        cast(null as varchar) as related_document,
        cast(null as varchar) as rule_id
    from matched_line
    where code is null and is_substitute and not is_credit
    union all
    select
        invoice_id,
        line_no,
        'PRICE_RESOLVED_BY_CREDIT' as code,
        cast(0 as decimal(18, 2)) as impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        cast(null as varchar) as related_document,
        cast(null as varchar) as rule_id
    from resolved
    union all
    select
        leak.invoice_id,
        leak.line_no,
        'PRICE_ABOVE_CONTRACT' as code,
        leak.leak as impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        contract.contract_id as related_document,
        leak.rule_id
    from line_leak as leak
    inner join contract_in_force as contract
        on leak.invoice_id = contract.invoice_id and leak.line_no = contract.line_no
    where leak.leak <> 0
    union all
    select
        invoice_id,
        line_no,
        case standing
            when 'EXPIRED' then 'CONTRACT_EXPIRED'
            when 'NOT_EFFECTIVE' then 'CONTRACT_NOT_EFFECTIVE'
            else 'CONTRACT_NOT_LOADED'
        end as code,
        cast(0 as decimal(18, 2)) as impact,
        cast(null as decimal(18, 2)) as latent,
        cast(null as decimal(18, 6)) as qty,
        contract_id as related_document,
        cast(null as varchar) as rule_id
    from contract_in_force
    where standing in ('EXPIRED', 'NOT_EFFECTIVE', 'NOT_LOADED')
)

select
    found.code,
    found.impact,
    coalesce(found.latent, cast(0 as decimal(18, 2))) as latent,
    found.qty,
    document.currency,
    coalesce(matched.order_facility_id, charge.facility_id, document.facility_id) as facility_id,
    document.supplier_id,
    found.invoice_id,
    found.line_no,
    coalesce(matched.po_id, charge.po_id) as po_id,
    matched.po_line_no,
    matched.item_id,
    found.related_document,
    found.rule_id as tolerance_rule_id,
    document.received_date as basis_date
from found
inner join invoice_document as document on found.invoice_id = document.invoice_id
left join matched_line as matched on found.invoice_id = matched.invoice_id and found.line_no = matched.line_no
left join charge_line as charge on found.invoice_id = charge.invoice_id and found.line_no = charge.line_no
