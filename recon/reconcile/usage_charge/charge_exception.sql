-- charge_exception: every finding of use against charge with its history, and what has closed since.
--
-- grain     exception_key
-- reads     charge_keyed, charge_root, exception_code, edit_code, used, charge_known, code_period,
--           net_yield, charge_age_bucket, charge_setting, previous_charge_exception, disposition
-- params    $as_of  DATE, the business date
-- money     DECIMAL; net is gross times a yield, rounded to the cent
-- rule      Severity is that of the code, raised to 1 or 2 from the amounts on that are set (charge_setting), except of
--           information (4). The queue is that of the code; some codes have another once the account is billed.
--           A finding that was open the night before keeps first_seen and is seen once more. One that is not found any
--           more is AUTO_CLOSED for one night; one that is found again later starts anew. Age counts from the day of
--           service, else from the night first seen. A bill drops on the day on which it did, else when it is due, and
--           not before tonight as long as the account is said not to be billed.
--           Net is gross times the yield stated for payer, class and revenue family (net_yield); the row that names
--           most of the three counts, and without a row net is empty: nobody has said what such a dollar brings in.
--           What an analyst answered holds as it does of exceptions on invoices (exception.sql): OVERRIDDEN while it is
--           accepted, or a second charge (SC08) is said to be none, at the gross and at risk that were answered; and
--           while it is snoozed, to the day before the one stated. No dollar changes. (Usage and charge 1, exceptions
--           and step 8.)
with priced as (
    select
        keyed.exception_key,
        net_yield.paid_part,
        row_number() over (
            partition by keyed.exception_key
            order by
                case when net_yield.payer_class = '*' then 1 else 0 end
                + case when net_yield.patient_class = '*' then 1 else 0 end
                + case when net_yield.revenue_family = '*' then 1 else 0 end,
                case when net_yield.payer_class = '*' then 1 else 0 end,
                case when net_yield.patient_class = '*' then 1 else 0 end,
                case when net_yield.revenue_family = '*' then 1 else 0 end,
                net_yield.payer_class,
                net_yield.patient_class,
                net_yield.revenue_family,
                cdm.from_day nulls last
        ) as place
    from charge_keyed as keyed
    left join code_period as cdm
        on
            keyed.facility_id = cdm.facility_id
            and keyed.cdm_code = cdm.cdm_code
            and keyed.service_date between cdm.from_day and cdm.to_day
    inner join net_yield
        on
            (net_yield.payer_class = '*' or net_yield.payer_class = keyed.payer_class)
            and (net_yield.patient_class = '*' or net_yield.patient_class = keyed.patient_class)
            and (net_yield.revenue_family = '*' or net_yield.revenue_family = substr(cdm.revenue_code, 1, 3))
),

billed_queue as (
    select
        code,
        min(needs) as queue
    from edit_code
    where kind = 'BILLED_QUEUE'
    group by code
),

setting as (
    select
        max(case when setting = 'RAISE_FROM' then value end) as first_from,
        max(case when setting = 'RAISE_TO_SECOND_FROM' then value end) as second_from
    from charge_setting
),

still_open as (
    select
        exception_key,
        first_seen,
        times_seen
    from previous_charge_exception
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
            when told.disposition = 'accepted' or (told.disposition = 'not duplicate' and keyed.code = 'SC08')
                then
                    told.impact
                    = cast(keyed.gross as decimal(18, 2)) + coalesce(cast(keyed.at_risk as decimal(18, 2)), 0)
            when told.disposition = 'snoozed' then coalesce(told.resolve_by > $as_of, false)
        end as overrides
    from charge_keyed as keyed
    left join still_open on keyed.exception_key = still_open.exception_key
    inner join disposition as told
        on
            keyed.exception_key = told.exception_key
            and coalesce(still_open.first_seen, $as_of) <= told.night
),

-- Names of the few records that findings are about: the join then holds these, and not every record.
used_named as (
    select
        use_no,
        usage_id
    from used
    where use_no in (select keyed.use_no from charge_keyed as keyed)
),

charge_named as (
    select
        charge_no,
        txn_id
    from charge_known
    where charge_no in (select keyed.charge_no from charge_keyed as keyed)
),

open_now as (
    select
        keyed.exception_key,
        keyed.code,
        case
            when code.severity = 4 then 4
            when abs(keyed.gross) >= setting.first_from then 1
            when abs(keyed.gross) >= setting.second_from then least(code.severity, 2)
            else code.severity
        end as severity,
        coalesce(billed.queue, code.queue) as queue,
        keyed.facility_id,
        keyed.account_key,
        keyed.other_account_key,
        keyed.cdm_code,
        keyed.other_cdm_code,
        keyed.item_id,
        used_named.usage_id,
        charge_named.txn_id,
        keyed.claim_id,
        keyed.claim_line_no,
        keyed.po_id,
        keyed.dept_id,
        keyed.location_id,
        keyed.patient_class,
        keyed.units,
        keyed.gross,
        keyed.at_risk,
        cast(round(cast(keyed.gross as decimal(19, 2)) * priced.paid_part, 2) as decimal(18, 2)) as net,
        keyed.is_suggested,
        keyed.finding_key,
        root.root_cause_key,
        keyed.remark,
        keyed.service_date,
        case
            when keyed.final_bill_date is not null then keyed.final_bill_date
            when keyed.bill_status in ('OPEN', 'DNFB') then greatest(keyed.bill_due_date, $as_of)
            else keyed.bill_due_date
        end as bill_due_date,
        keyed.filing_due_date,
        coalesce(keyed.service_date, still_open.first_seen, $as_of) as basis_date,
        coalesce(still_open.first_seen, $as_of) as first_seen,
        coalesce(still_open.times_seen, 0) + 1 as times_seen,
        case when answered.overrides then 'OVERRIDDEN' else 'OPEN' end as state,
        -- What no longer holds is not shown as the answer: sent back as it is, it would hold anew.
        case when coalesce(answered.overrides, true) then answered.disposition end as disposition,
        case when not answered.overrides and answered.disposition <> 'snoozed' then answered.impact end
            as was_accepted_at,
        answered.assigned_to,
        answered.resolve_by
    from charge_keyed as keyed
    inner join exception_code as code on keyed.code = code.code
    left join billed_queue as billed
        on
            keyed.code = billed.code
            and (keyed.final_bill_date <= $as_of or keyed.bill_status in ('BILLED', 'CLOSED'))
    left join priced on keyed.exception_key = priced.exception_key and priced.place = 1
    cross join setting
    left join charge_root as root on keyed.exception_key = root.exception_key
    left join used_named on keyed.use_no = used_named.use_no
    left join charge_named on keyed.charge_no = charge_named.charge_no
    left join still_open on keyed.exception_key = still_open.exception_key
    left join answered on keyed.exception_key = answered.exception_key
),

closed_now as (
    select
        previous.exception_key,
        previous.code,
        previous.severity,
        previous.queue,
        previous.facility_id,
        previous.account_key,
        previous.other_account_key,
        previous.cdm_code,
        previous.other_cdm_code,
        previous.item_id,
        previous.usage_id,
        previous.txn_id,
        previous.claim_id,
        previous.claim_line_no,
        previous.po_id,
        previous.dept_id,
        previous.location_id,
        previous.patient_class,
        previous.units,
        previous.gross,
        previous.at_risk,
        previous.net,
        previous.is_suggested,
        previous.finding_key,
        previous.root_cause_key,
        previous.remark,
        previous.service_date,
        previous.bill_due_date,
        previous.filing_due_date,
        previous.basis_date,
        previous.first_seen,
        previous.times_seen,
        'AUTO_CLOSED' as state,
        previous.disposition,
        cast(null as decimal(18, 2)) as was_accepted_at,
        previous.assigned_to,
        previous.resolve_by
    from previous_charge_exception as previous
    left join charge_keyed as keyed on previous.exception_key = keyed.exception_key
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
),

age as (
    select age_days
    from aged
    group by age_days
),

-- Of each age once: a join by ranges orders whole rows.
bucketed as (
    select
        age.age_days,
        bucket.bucket
    from age
    inner join charge_age_bucket as bucket
        on
            age.age_days >= bucket.from_days
            and (bucket.to_days is null or age.age_days <= bucket.to_days)
)

select
    aged.exception_key,
    aged.code,
    cast(aged.severity as integer) as severity,
    aged.queue,
    aged.facility_id,
    aged.account_key,
    aged.other_account_key,
    aged.cdm_code,
    aged.other_cdm_code,
    aged.item_id,
    aged.usage_id,
    aged.txn_id,
    aged.claim_id,
    cast(aged.claim_line_no as integer) as claim_line_no,
    aged.po_id,
    aged.dept_id,
    aged.location_id,
    aged.patient_class,
    cast(aged.units as decimal(18, 6)) as units,
    cast(aged.gross as decimal(18, 2)) as gross,
    cast(aged.at_risk as decimal(18, 2)) as at_risk,
    cast(aged.net as decimal(18, 2)) as net,
    aged.is_suggested,
    aged.finding_key,
    aged.root_cause_key,
    aged.remark,
    cast(aged.service_date as date) as service_date,
    cast(aged.bill_due_date as date) as bill_due_date,
    cast(aged.filing_due_date as date) as filing_due_date,
    cast(aged.basis_date as date) as basis_date,
    cast(aged.first_seen as date) as first_seen,
    cast(aged.times_seen as integer) as times_seen,
    cast(aged.age_days as integer) as age_days,
    bucketed.bucket,
    aged.state,
    aged.disposition,
    cast(aged.was_accepted_at as decimal(18, 2)) as was_accepted_at,
    aged.assigned_to,
    cast(aged.resolve_by as date) as resolve_by
from aged
inner join bucketed on aged.age_days = bucketed.age_days
