-- credit_linked: first turn of a credit: the charge that it names, and how much of it it takes back.
--
-- grain     credit_no, charge_no
-- reads     charge_known
-- params    none
-- money     none: charge units
-- rule      The explicit link goes first, whatever account or code the credit stands on: its sender has said what it
--           takes back. Both are laid end to end in the order of service; what overlaps is taken back. (Usage and
--           charge 1, step 2.)
with credit_side as (
    select
        charge_no as credit_no,
        service_at,
        system_id,
        reverses_txn_id as txn_id,
        units
    from charge_known
    where is_credit and units > 0 and reverses_txn_id is not null
),

credit_key as (
    select
        system_id,
        txn_id,
        count(*) as lines,
        min(credit_no) as credit_no,
        min(units) as units
    from credit_side
    group by system_id, txn_id
),

charge_side as (
    select
        known.charge_no,
        known.service_at,
        known.system_id,
        known.txn_id,
        known.units
    from charge_known as known
    inner join credit_key
        on known.system_id = credit_key.system_id and known.txn_id = credit_key.txn_id
    where not known.is_credit and known.units > 0
),

charge_key as (
    select
        system_id,
        txn_id,
        count(*) as lines,
        min(charge_no) as charge_no,
        min(units) as units
    from charge_side
    group by system_id, txn_id
),

-- Most keys hold one record of each kind: these need no order.
shared as (
    select
        credit_key.system_id,
        credit_key.txn_id,
        credit_key.credit_no,
        charge_key.charge_no,
        least(credit_key.units, charge_key.units) as units,
        credit_key.lines = 1 and charge_key.lines = 1 as is_single
    from credit_key
    inner join charge_key
        on
            credit_key.system_id = charge_key.system_id
            and credit_key.txn_id = charge_key.txn_id
),

credit_axis as (
    select
        credit_side.*,
        sum(credit_side.units) over (
            partition by credit_side.system_id, credit_side.txn_id
            order by credit_side.service_at, credit_side.credit_no
            rows between unbounded preceding and current row
        ) as hi
    from credit_side
    inner join shared
        on
            credit_side.system_id = shared.system_id
            and credit_side.txn_id = shared.txn_id
    where not shared.is_single
),

charge_axis as (
    select
        charge_side.*,
        sum(charge_side.units) over (
            partition by charge_side.system_id, charge_side.txn_id
            order by charge_side.service_at, charge_side.charge_no
            rows between unbounded preceding and current row
        ) as hi
    from charge_side
    inner join shared
        on
            charge_side.system_id = shared.system_id
            and charge_side.txn_id = shared.txn_id
    where not shared.is_single
)

select
    credit_no,
    charge_no,
    cast(units as decimal(18, 6)) as units
from shared
where is_single
union all
select
    credit_axis.credit_no,
    charge_axis.charge_no,
    cast(
        least(credit_axis.hi, charge_axis.hi)
        - greatest(credit_axis.hi - credit_axis.units, charge_axis.hi - charge_axis.units) as decimal(18, 6)
    ) as units
from credit_axis
inner join charge_axis
    on
        credit_axis.system_id = charge_axis.system_id
        and credit_axis.txn_id = charge_axis.txn_id
        and credit_axis.hi - credit_axis.units < charge_axis.hi
        and charge_axis.hi - charge_axis.units < credit_axis.hi
