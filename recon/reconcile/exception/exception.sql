-- exception: every finding of the night with its history, and what has closed since the last one.
--
-- grain     exception_key
-- reads     finding, exception_code, policy, age_bucket, previous_exception, closing_document,
--           disposition, invoice, claim_deadline
-- params    $as_of  DATE, the business date
-- money     DECIMAL, taken over unchanged
-- rule      The key is a hash of the business keys, so that the same finding has the same key every night; in ids ~ and
--           | are written ~0 and ~1, for line 2 of P|1 is not line 1|2 of P. Open the night before: first_seen stays,
--           and it is seen once more. Open the night before and not found now: one row, AUTO_CLOSED, with the document
--           that closed it where one tells. Closed the night before and found again: it starts anew.
--           Age counts from the basis date of a hold, and from first_seen of a warning; a date still to come is age 0.
--           A claim about an invoice is due so many days after its date as its supplier's claim_deadline says: later
--           than that nobody gives the money back.
--           What an analyst answered holds for the run of findings that the workbook's night is of: OVERRIDDEN while it
--           is accepted, or said to be no duplicate, at the dollars it has; and while it is snoozed, to the day before
--           the day stated. An override changes no dollar. (Three-way match 1.2 step 12, 1.4, 1.5.)
with keyed as (
    select
        finding.code,
        finding.impact,
        finding.latent,
        finding.qty,
        finding.currency,
        finding.facility_id,
        finding.supplier_id,
        finding.invoice_id,
        finding.line_no,
        finding.po_id,
        finding.po_line_no,
        finding.item_id,
        finding.related_document,
        finding.tolerance_rule_id,
        finding.basis_date,
        exception_code.queue,
        exception_code.hold = 'Y' or policy.policy is not null as hold,
        left(md5(
            finding.code
            || '|' || replace(replace(coalesce(finding.invoice_id, ''), '~', '~0'), '|', '~1')
            || '|' || coalesce(cast(finding.line_no as varchar), '')
            || '|' || replace(replace(coalesce(finding.po_id, ''), '~', '~0'), '|', '~1')
            || '|' || replace(replace(coalesce(finding.po_line_no, ''), '~', '~0'), '|', '~1')
            -- What a re-bill repeats is a remark: learned later, it makes no other finding.
            || '|' || coalesce(case when finding.code <> 'QTY_OVER_BILLED' then finding.related_document end, '')
        ), 16) as exception_key
    from finding
    inner join exception_code on finding.code = exception_code.code
    left join policy
        on
            finding.code = 'PRICE_PO_STALE'
            and policy.policy = 'price_po_stale'
            and policy.value = 'hold'
),

still_open as (
    select
        exception_key,
        first_seen,
        times_seen
    from previous_exception
    where state <> 'AUTO_CLOSED'
),

answered as (
    select
        keyed.exception_key,
        told.disposition,
        told.assigned_to,
        told.resolve_by,
        told.impact,
        case
            when
                told.disposition = 'accepted'
                or (told.disposition = 'not duplicate' and left(keyed.code, 4) = 'DUP_')
                then told.impact = cast(keyed.impact as decimal(18, 2))
            when told.disposition = 'snoozed' then coalesce(told.resolve_by > $as_of, false)
        end as overrides
    from keyed
    left join still_open on keyed.exception_key = still_open.exception_key
    inner join disposition as told
        on
            keyed.exception_key = told.exception_key
            and coalesce(still_open.first_seen, $as_of) <= told.night
),

open_now as (
    select
        keyed.exception_key,
        keyed.code,
        keyed.hold,
        keyed.queue,
        keyed.impact,
        keyed.latent,
        keyed.qty,
        keyed.currency,
        keyed.facility_id,
        keyed.supplier_id,
        keyed.invoice_id,
        keyed.line_no,
        keyed.po_id,
        keyed.po_line_no,
        keyed.item_id,
        keyed.related_document,
        keyed.tolerance_rule_id,
        case
            when keyed.hold then keyed.basis_date
            else coalesce(still_open.first_seen, $as_of)
        end as basis_date,
        coalesce(still_open.first_seen, $as_of) as first_seen,
        coalesce(still_open.times_seen, 0) + 1 as times_seen,
        case when answered.overrides then 'OVERRIDDEN' else 'OPEN' end as state,
        -- What no longer holds is not shown as the answer: sent back as it is, it would hold anew.
        case when coalesce(answered.overrides, true) then answered.disposition end as disposition,
        case when not answered.overrides and answered.disposition <> 'snoozed' then answered.impact end
            as was_accepted_at,
        answered.assigned_to,
        answered.resolve_by,
        cast(null as varchar) as closed_by_kind,
        cast(null as varchar) as closed_by
    from keyed
    left join still_open on keyed.exception_key = still_open.exception_key
    left join answered on keyed.exception_key = answered.exception_key
),

closed_now as (
    select
        previous.exception_key,
        previous.code,
        previous.hold,
        previous.queue,
        previous.impact,
        previous.latent,
        previous.qty,
        previous.currency,
        previous.facility_id,
        previous.supplier_id,
        previous.invoice_id,
        previous.line_no,
        previous.po_id,
        previous.po_line_no,
        previous.item_id,
        previous.related_document,
        previous.tolerance_rule_id,
        previous.basis_date,
        previous.first_seen,
        previous.times_seen,
        'AUTO_CLOSED' as state,
        previous.disposition,
        cast(null as decimal(18, 2)) as was_accepted_at,
        previous.assigned_to,
        previous.resolve_by,
        closing.kind as closed_by_kind,
        closing.document as closed_by
    from previous_exception as previous
    left join keyed on previous.exception_key = keyed.exception_key
    left join closing_document as closing on previous.exception_key = closing.exception_key
    where previous.state <> 'AUTO_CLOSED' and keyed.exception_key is null
),

aged as (
    select
        *,
        greatest(date_diff('day', basis_date, $as_of), 0) as age_days
    from open_now
    union all
    select
        *,
        greatest(date_diff('day', basis_date, $as_of), 0) as age_days
    from closed_now
)

select
    aged.exception_key,
    aged.code,
    aged.hold,
    aged.queue,
    cast(aged.impact as decimal(18, 2)) as impact,
    cast(aged.latent as decimal(18, 2)) as latent,
    cast(aged.qty as decimal(18, 6)) as qty,
    aged.currency,
    aged.facility_id,
    aged.supplier_id,
    aged.invoice_id,
    cast(aged.line_no as integer) as line_no,
    aged.po_id,
    aged.po_line_no,
    aged.item_id,
    aged.related_document,
    aged.tolerance_rule_id,
    cast(aged.basis_date as date) as basis_date,
    cast(aged.first_seen as date) as first_seen,
    cast(aged.times_seen as integer) as times_seen,
    cast(aged.age_days as integer) as age_days,
    age_bucket.bucket,
    aged.state,
    aged.disposition,
    cast(aged.was_accepted_at as decimal(18, 2)) as was_accepted_at,
    aged.assigned_to,
    cast(aged.resolve_by as date) as resolve_by,
    aged.closed_by_kind,
    aged.closed_by,
    cast(invoice.invoice_date + coalesce(own.days, any_supplier.days) as date) as claim_due_date
from aged
inner join age_bucket
    on
        aged.age_days >= age_bucket.from_days
        and (age_bucket.to_days is null or aged.age_days <= age_bucket.to_days)
left join invoice on aged.invoice_id = invoice.invoice_id
left join claim_deadline as own on aged.supplier_id = own.supplier_id
left join claim_deadline as any_supplier on any_supplier.supplier_id = '*'
