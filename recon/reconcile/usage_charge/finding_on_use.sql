-- finding_on_use: what is wrong with a record of use by itself (SC09, SD04 to SD09, SI04, DQ01, DQ06, DQ07).
--
-- grain     finding_ref
-- reads     used, use_known, use_netted, use_kept, use_on_patient, explant_credited, device_code, recall,
--           inventory_txn
-- params    $as_of  DATE, later movements of stock are not seen
-- money     an item without a map is worth its units at the mark-up of its cost; nothing else moves money
-- rule      SC09: the item has no map, so that nothing says how it is charged. SD05: an implant needs a UDI, a lot or a
--           serial number. SD06: a UDI that cannot be right. SD07: used after its expiry date, which is its last day of
--           use. SD08: recalled; a recall names an item or a device identifier, and a serial number (which says which
--           device it is, whatever its lot), a lot (a log may write it in small letters), a range of lots, or all.
--           SD09: one serial number, two uses; one finding, on the first. SD04: an explant, reviewed until a credit of
--           the maker is known for it.
--           SI04: of stock at a place, where the hospital's movements name uses at all, one must name this one; of two
--           records of one number the one used first is served first. DQ01 no account, DQ06 a unit without a factor.
--           DQ07: more is taken back than was used of the account, item and lot; what is on no account is DQ01.
--           (Usage and charge 1, steps 3 and 7.)
with recalled_device as (
    select
        recall_id,
        line_no,
        case
            when length(udi_di) < 14 and regexp_replace(udi_di, '[0-9]', '', 'g') = '' then lpad(udi_di, 14, '0')
            else udi_di
        end as udi_di
    from recall
    where udi_di is not null
),

named as (
    select
        on_patient.use_no,
        recall.recall_id,
        recall.line_no
    from use_on_patient as on_patient
    inner join recall on on_patient.item_id = recall.item_id
    union all
    select
        on_patient.use_no,
        recall.recall_id,
        recall.line_no
    from use_on_patient as on_patient
    inner join recalled_device as recall on on_patient.udi_di = recall.udi_di
    union all
    -- A record that says the item only is of the device identifier that stands for it.
    select
        on_patient.use_no,
        recall.recall_id,
        recall.line_no
    from use_on_patient as on_patient
    inner join device_code on on_patient.item_id = device_code.item_id
    inner join recalled_device as recall on device_code.udi_di = recall.udi_di
    where on_patient.udi_di is null
),

recalled as (
    select distinct
        named.use_no,
        named.recall_id
    from named
    inner join use_on_patient as on_patient on named.use_no = on_patient.use_no
    inner join recall on named.recall_id = recall.recall_id and named.line_no = recall.line_no
    where
        recall.recall_date <= on_patient.used_date
        and (
            recall.serial_key = on_patient.serial_key
            or (
                recall.serial_key is null
                and (
                    (recall.lot_from is null and recall.lot_to is null)
                    -- Of a series the shorter number comes first: 8 to 12 hold 10, and not 100.
                    or lpad(upper(on_patient.lot), 64, ' ')
                    between lpad(upper(recall.lot_from), 64, ' ')
                    and lpad(upper(coalesce(recall.lot_to, recall.lot_from)), 64, ' ')
                    or (
                        recall.lot_from is null
                        and lpad(upper(on_patient.lot), 64, ' ') <= lpad(upper(recall.lot_to), 64, ' ')
                    )
                )
            )
        )
),

-- A record without an item is of the one that another record with its device identifier names.
said_elsewhere as (
    select
        facility_id,
        udi_di,
        min(item_id) as item_id
    from use_on_patient
    where serial_key is not null and udi_di is not null and item_id is not null
    group by facility_id, udi_di
    having min(item_id) = max(item_id)
),

serial_use as (
    select
        on_patient.use_no,
        on_patient.used_at,
        on_patient.facility_id,
        coalesce(on_patient.item_id, said_elsewhere.item_id, on_patient.udi_di, '') as device,
        on_patient.serial_key
    from use_on_patient as on_patient
    left join said_elsewhere
        on
            on_patient.item_id is null
            and on_patient.facility_id = said_elsewhere.facility_id
            and on_patient.udi_di = said_elsewhere.udi_di
    where on_patient.serial_key is not null
),

reused_serial as (
    select
        facility_id,
        device,
        serial_key
    from serial_use
    group by facility_id, device, serial_key
    having count(*) > 1
),

reused_place as (
    select
        serial_use.*,
        row_number() over (
            partition by serial_use.facility_id, serial_use.device, serial_use.serial_key
            order by serial_use.used_at, serial_use.use_no
        ) as place,
        count(*) over (
            partition by serial_use.facility_id, serial_use.device, serial_use.serial_key
        ) as uses
    from serial_use
    inner join reused_serial
        on
            serial_use.facility_id = reused_serial.facility_id
            and serial_use.device = reused_serial.device
            and serial_use.serial_key = reused_serial.serial_key
),

reused as (
    select
        min(case when place = 1 then use_no end) as use_no,
        min(case when place = uses then use_no end) as last_use_no
    from reused_place
    group by facility_id, device, serial_key
),

reporting as (
    select facility_id
    from inventory_txn
    where usage_id is not null and txn_date <= $as_of
    group by facility_id
),

moved as (
    select
        facility_id,
        usage_id,
        item_id,
        sum(-qty) as qty
    from inventory_txn
    where usage_id is not null and txn_date <= $as_of
    group by facility_id, usage_id, item_id
),

several_systems as (
    select facility_id
    from use_kept
    group by facility_id
    having min(system_id) <> max(system_id)
),

to_take as (
    select
        kept.use_no,
        kept.used_at,
        kept.facility_id,
        kept.usage_id,
        kept.item_id,
        cast(
            cast(
                cast(cast(kept.qty as decimal(19, 6)) * 1000000 as hugeint) * kept.num // kept.den as decimal(19, 0)
            )
            * cast(0.000001 as decimal(7, 6))
            - kept.taken as decimal(18, 6)
        ) as base
    from use_kept as kept
    inner join reporting on kept.facility_id = reporting.facility_id
    where
        kept.mode = 'STOCK'
        and kept.location_id is not null
        and kept.item_id is not null
        and kept.num is not null
        and kept.disposition not in ('EXPLANTED', 'RETURNED')
),

-- Two systems may give one number to two records: what was taken is one's first, and not taken for both.
first_served as (
    select
        to_take.use_no,
        cast(
            sum(to_take.base) over (
                partition by to_take.facility_id, to_take.usage_id, to_take.item_id
                order by to_take.used_at, to_take.use_no
                rows between unbounded preceding and current row
            ) - to_take.base as decimal(18, 6)
        ) as base
    from to_take
    inner join several_systems on to_take.facility_id = several_systems.facility_id
),

stocked as (
    select
        to_take.use_no,
        cast(
            case
                when coalesce(first_served.base, 0) = 0 then to_take.base - coalesce(moved.qty, 0)
                else
                    greatest(first_served.base + to_take.base - coalesce(moved.qty, 0), 0)
                    - greatest(first_served.base - coalesce(moved.qty, 0), 0)
            end as decimal(18, 6)
        ) as missing
    from to_take
    left join moved
        on
            to_take.facility_id = moved.facility_id
            and to_take.usage_id = moved.usage_id
            and to_take.item_id = moved.item_id
    left join first_served on to_take.use_no = first_served.use_no
),

-- Of what these records take back, not all was found.
unmet as (
    select
        known.use_no,
        known.account_no,
        known.num is not null as has_unit,
        cast(
            cast(
                case
                    when netted.parts is null
                        then cast(cast(-known.qty as decimal(19, 6)) * 1000000 as hugeint) * known.num // known.den
                    else
                        (
                            cast(cast(-known.qty as decimal(19, 6)) * 1000000 as hugeint)
                            * known.num * netted.scale // known.den
                            - netted.parts
                        )
                        // netted.scale
                end as decimal(19, 0)
            )
            * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
        ) as units
    from use_known as known
    left join use_netted as netted on known.use_no = netted.use_no
    where
        known.qty < 0
        and (
            netted.parts is null
            or netted.parts
            < cast(cast(-known.qty as decimal(19, 6)) * 1000000 as hugeint) * known.num * netted.scale // known.den
        )
),

found as (
    select
        'SC09' as code,
        use_no,
        unmapped as units,
        cast(round(unmapped * cast(coalesce(markup, 0) as decimal(19, 2)), 2) as decimal(18, 2)) as gross,
        cast(null as varchar) as remark,
        cast(null as bigint) as other_use_no
    from used
    where status = 'UNMAPPED' and unmapped > 0
    union all
    select
        'DQ06' as code,
        use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        uom as remark,
        cast(null as bigint) as other_use_no
    from use_known
    where num is null
    union all
    select
        'DQ01' as code,
        use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        'use' as remark,
        cast(null as bigint) as other_use_no
    from use_kept
    where account_no is null
    union all
    -- What it takes back is of an account that it does not name.
    select
        'DQ01' as code,
        use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        'use' as remark,
        cast(null as bigint) as other_use_no
    from unmet
    where account_no is null
    union all
    select
        'DQ07' as code,
        use_no,
        units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark,
        cast(null as bigint) as other_use_no
    from unmet
    where account_no is not null and has_unit
    union all
    select
        'SD04' as code,
        kept.use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark,
        cast(null as bigint) as other_use_no
    from use_kept as kept
    left join explant_credited on kept.use_no = explant_credited.use_no
    where kept.disposition = 'EXPLANTED' and explant_credited.use_no is null
    union all
    select
        'SD05' as code,
        use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark,
        cast(null as bigint) as other_use_no
    from use_on_patient
    where
        (disposition = 'IMPLANTED' or (is_implant and disposition = 'USED'))
        and udi_key is null
        and udi_di is null
        and lot is null
        and serial_key is null
        and donation_key is null
    union all
    select
        'SD06' as code,
        use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        udi_verdict as remark,
        cast(null as bigint) as other_use_no
    from use_on_patient
    where udi_verdict in ('CHECK_FAILED', 'AMBIGUOUS', 'MALFORMED')
    union all
    select
        'SD07' as code,
        use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(expiry_date as varchar) as remark,
        cast(null as bigint) as other_use_no
    from use_on_patient
    where expiry_date < used_date
    union all
    select
        'SD08' as code,
        use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        min(recall_id) as remark,
        cast(null as bigint) as other_use_no
    from recalled
    group by use_no
    union all
    select
        'SD09' as code,
        use_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark,
        last_use_no as other_use_no
    from reused
    union all
    select
        'SI04' as code,
        use_no,
        missing as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark,
        cast(null as bigint) as other_use_no
    from stocked
    where missing > 0
)

select
    found.code || '|U|' || cast(found.use_no as varchar) as finding_ref,
    found.code,
    known.facility_id,
    known.account_no,
    case when other.account_no <> known.account_no then other.account_no end as other_account_no,
    used.cdm_code,
    cast(null as varchar) as other_cdm_code,
    known.item_id,
    found.use_no,
    cast(null as bigint) as charge_no,
    cast(null as varchar) as claim_id,
    cast(null as integer) as claim_line_no,
    cast(null as varchar) as po_id,
    known.dept_id,
    known.location_id,
    found.units,
    found.gross,
    cast(null as decimal(18, 2)) as at_risk,
    false as is_suggested,
    cast(null as varchar) as finding_key,
    found.remark,
    known.used_date as service_date,
    case when found.other_use_no is not null then 'usage_event' end as record_table,
    case when found.other_use_no is not null then other.system_id || '|' || other.usage_id end as record_key,
    case when found.other_use_no is not null then 'USED' end as record_role
from found
inner join use_known as known on found.use_no = known.use_no
inner join used on found.use_no = used.use_no
left join use_known as other on found.other_use_no = other.use_no
