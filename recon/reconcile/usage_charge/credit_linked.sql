-- credit_linked: first turn of a credit: the charge that it names, and how much of it it takes back.
--
-- grain     taker_no, charge_no
-- reads     charge_known
-- through   overlap
-- params    none
-- money     none: charge units
-- rule      The explicit link goes first, whatever account or code the credit stands on: its sender has said what it
--           takes back. How units are then taken, overlap says. (Usage and charge 1, step 2.)
with named as (
    select
        system_id,
        reverses_txn_id as txn_id
    from charge_known
    where is_credit and units > 0 and reverses_txn_id is not null
    group by system_id, reverses_txn_id
)

select
    'U' as side,
    charge_no as line_no,
    service_at,
    system_id as key_1,
    reverses_txn_id as key_2,
    0 as key_3,
    units
from charge_known
where is_credit and units > 0 and reverses_txn_id is not null
union all
select
    'C' as side,
    known.charge_no as line_no,
    known.service_at,
    known.system_id as key_1,
    known.txn_id as key_2,
    0 as key_3,
    known.units
from charge_known as known
inner join named on known.system_id = named.system_id and known.txn_id = named.txn_id
where not known.is_credit and known.units > 0
