-- The tables of one night, as views over the number of a record of use; see events.py.
--
-- variable  lines  BIGINT, how many records of use
create temp view line as
select
    n,
    n // 10 as a,
    'A' || lpad(cast(n // 10 as varchar), 9, '0') as account_key,
    'F' || lpad(cast(hash(n // 10 + 7) % 12 as varchar), 2, '0') as facility_id,
    date '2026-01-01' + cast(hash(n // 10 + 13) % 60 as integer) as admit_date,
    date '2026-01-01' + cast(hash(n // 10 + 13) % 60 + n % 4 as integer) as used_date,
    hash(n + 3) % 3000 as i,
    'I' || lpad(cast(i as varchar), 5, '0') as item_id,
    'C' || lpad(cast(i as varchar), 5, '0') as cdm_code,
    'D' || hash(n // 10) % 40 as dept_id,
    cast(1 + hash(n + 5) % 4 as decimal(18, 6)) as qty,
    -- Every twentieth item is an implant, every tenth is charged by two units for each.
    i % 20 = 0 as is_implant,
    case when i % 10 = 1 then 2 else 1 end as per_each,
    cast(cast(250 + hash(i) % 900000 as bigint) * 0.01 as decimal(18, 2)) as price,
    hash(n + 23) % 1000 as oddity,
    hash(n + 29) % 100 as link
from range(getvariable('lines')) as t (n);

create temp view patient_account as
select
    facility_id,
    account_key,
    'M' || a as message_id,
    'P' || a // 2 as mrn_key,
    case when a % 3 = 0 then 'O' else 'I' end as patient_class,
    admit_date,
    cast(admit_date + 4 as date) as discharge_date
from line where n % 10 = 0;

create temp view usage_event as
select
    'USE' as system_id,
    'U' || lpad(cast(n as varchar), 10, '0') as usage_id,
    'V' || n as message_id,
    facility_id,
    account_key,
    used_date,
    used_date + interval 8 hour + interval (n % 600) minute as used_at,
    used_date + interval 20 hour as documented_at,
    dept_id,
    item_id,
    case when is_implant or link < 50 then 'L' || hash(n + 31) % 5000 end as lot,
    case when is_implant then 'S' || n end as serial_key,
    case when is_implant then 'X' || n end as udi_key,
    -- Every fiftieth record is in boxes of ten.
    cast(case when oddity < 20 then 1 else qty end as decimal(18, 6)) as qty,
    case when oddity < 20 then 'BX' else 'EA' end as uom,
    case when is_implant then 'IMPLANTED' else 'USED' end as disposition
from line;

-- What is charged for each record of use, and how often; in thousandths of the records:
--   20 boxes, of which 5 are charged as one each    20 not charged        10 one unit too few
--   10 one unit too many    5 another code, by lot    5 another account of the patient
--   10 charged twice        5 sent twice              10 taken back       10 never used
create temp view charged as
select
    line.*,
    part,
    case
        when oddity < 5 then 1
        when oddity < 20 then 10
        when oddity between 40 and 49 then greatest(qty - 1, 1)
        when oddity between 50 and 59 then qty + 1
        else qty
    end * per_each as units
from line, (values (1), (2)) as p (part)
where
    (part = 1 and oddity not between 20 and 39)
    or (part = 2 and oddity between 70 and 104);

create temp view charge_event as
select
    'BILL' as system_id,
    'T' || lpad(cast(n as varchar), 10, '0') || case when part = 2 and not oddity between 80 and 84 then '-2' else '' end as txn_id,
    'V' || n || '-' || part as message_id,
    facility_id,
    case
        when oddity between 65 and 69
            then 'A' || lpad(cast(case when a % 2 = 0 then a + 1 else a - 1 end as varchar), 9, '0')
        else account_key
    end as account_key,
    used_date as service_date,
    used_date + interval 9 hour + interval (n % 600) minute as service_at,
    cast(used_date + case when oddity between 200 and 209 then 12 else 1 end as date) as post_date,
    case when part = 2 and oddity between 85 and 94 then 'CD' else 'CG' end as type,
    case
        when part = 2 and oddity between 95 and 104 then 'C' || lpad(cast((i + 500) % 3000 as varchar), 5, '0')
        when oddity between 60 and 64 then 'C' || lpad(cast((i + 1) % 3000 as varchar), 5, '0')
        else cdm_code
    end as cdm_code,
    cast(units as decimal(18, 6)) as qty,
    cast(price + case when oddity between 210 and 214 then 1 else 0 end as decimal(18, 6)) as unit_amount,
    dept_id,
    case when link < 60 or oddity between 60 and 64 then item_id end as item_id,
    case when (is_implant or link < 50) and link < 60 then 'L' || hash(n + 31) % 5000 end as lot,
    case when is_implant and (part = 1 or oddity between 80 and 84) then 'S' || n end as serial_key,
    case when link < 20 and (part = 1 or oddity between 80 and 84) then 'U' || lpad(cast(n as varchar), 10, '0') end as order_id,
    case when part = 2 and oddity between 85 and 94 then 'T' || lpad(cast(n as varchar), 10, '0') end as reverses_txn_id
from charged;

create temp view code as
select
    i,
    'I' || lpad(cast(i as varchar), 5, '0') as item_id,
    'C' || lpad(cast(i as varchar), 5, '0') as cdm_code,
    i % 20 = 0 as is_implant,
    case when i % 10 = 1 then 2 else 1 end as per_each,
    cast(cast(250 + hash(cast(i as ubigint)) % 900000 as bigint) * 0.01 as decimal(18, 2)) as price
from range(3000) as t (i);

create temp view cdm as
select
    '*' as facility_id,
    cdm_code,
    date '2025-01-01' as valid_from,
    cdm_code as description,
    case when is_implant then '0278' else '0272' end as revenue_code,
    case when is_implant then 'C1713' end as hcpcs,
    price
from code;

create temp view item as
select item_id, item_id as description, 'EA' as base_uom, is_implant as implant_flag,
    cast(price / 3 as decimal(18, 6)) as unit_cost
from code;

create temp view item_uom as
select item_id, uom, cast(factor as bigint) as to_base_num, cast(1 as bigint) as to_base_den
from code, (values ('EA', 1), ('BX', 10)) as u (uom, factor);

create temp view item_cdm_map as
select
    '*' as facility_id,
    item_id,
    '*' as dept_id,
    '*' as location_id,
    date '2025-01-01' as valid_from,
    cdm_code,
    cast(per_each as bigint) as units_per_each_num,
    cast(1 as bigint) as units_per_each_den,
    'Y' as chargeable
from code;
