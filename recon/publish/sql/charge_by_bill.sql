-- charge_by_bill: open findings by the days left before the bill drops: what must be done first.
--
-- grain     step_no
-- reads     charge_detail
-- params    none
-- money     DECIMAL sums; lost and overcharged are never netted; net is of the lost, and empty where none is
--           configured
-- rule      when a bill drops says reconcile/results.py (bill_due_date); findings of no account, and of stays that have
--           not ended, have no such day
with step as (
    select
        charge_detail.*,
        case
            when days_to_bill is null then 5
            when days_to_bill < 0 then 4
            when days_to_bill <= 1 then 1
            when days_to_bill <= 3 then 2
            else 3
        end as bill_no
    from charge_detail
    where state <> 'AUTO_CLOSED'
)

select
    'USD' as currency,
    step.bill_no,
    case step.bill_no
        when 1 then 'Drops today or tomorrow'
        when 2 then 'Drops in 2 or 3 days'
        when 3 then 'Drops later'
        when 4 then 'Has dropped: a corrected claim is needed'
        when 5 then 'No bill in sight: still in the house, or no account'
    end as bill_step,
    count(*) as exceptions,
    cast(sum(lost) as decimal(18, 2)) as lost,
    cast(sum(overcharged) as decimal(18, 2)) as overcharged,
    cast(coalesce(sum(at_risk), 0) as decimal(18, 2)) as at_risk,
    cast(sum(net) filter (where lost > 0) as decimal(18, 2)) as net,
    max(age_days) as oldest_days
from step
group by step.bill_no
order by bill_no
