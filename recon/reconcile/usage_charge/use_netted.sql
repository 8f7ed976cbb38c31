-- use_netted: how much of a record of use later records take back, and how much each of those took.
--
-- grain     use_no
-- reads     use_known
-- params    none
-- money     none: base units
-- rule      A record of a negative quantity takes back what is of the same account, item and lot, and of its own kind
--           (used; opened and never in touch; explanted): what expects no charge takes nothing from what does, nor the
--           other way about. A return by a negative quantity takes back a use. An item that nobody knows is the one of
--           its device identifier.
--           The same serial number goes first: it says which of two devices stays. Then both sides are laid end to end
--           in the order of use; what overlaps is taken back. (Usage and charge 1, step 3.)
--           Twelfths of a box are counted as such, in millionths of the finest unit of what is netted (scale of these
--           units are one base unit): cut to millionths of a box, one put back whole would leave something of itself.
with netting as (
    select
        facility_id,
        coalesce(account_no, 0) as account_no,
        coalesce(item_id, udi_di) as item_id,
        coalesce(lot, '') as lot
    from use_known
    where num is not null and coalesce(item_id, udi_di) is not null and qty < 0
    group by facility_id, coalesce(account_no, 0), coalesce(item_id, udi_di), coalesce(lot, '')
),

finest as (
    select
        netting.facility_id,
        netting.account_no,
        netting.item_id,
        netting.lot,
        max(known.den) as scale
    from use_known as known
    inner join netting
        on
            known.facility_id = netting.facility_id
            and coalesce(known.account_no, 0) = netting.account_no
            and coalesce(known.item_id, known.udi_di) = netting.item_id
            and coalesce(known.lot, '') = netting.lot
    where known.num is not null
    group by netting.facility_id, netting.account_no, netting.item_id, netting.lot
),

sized as (
    select
        known.use_no,
        known.used_at,
        finest.facility_id,
        finest.account_no,
        finest.item_id,
        finest.lot,
        case
            when known.disposition in ('WASTED_NOCONTACT', 'EXPLANTED') then known.disposition
            when known.disposition = 'RETURNED' and known.qty > 0 then known.disposition
            else 'USED'
        end as kind,
        known.serial_key,
        known.qty < 0 as is_negative,
        finest.scale,
        cast(cast(abs(known.qty) as decimal(19, 6)) * 1000000 as hugeint)
        * known.num * finest.scale // known.den as parts
    from use_known as known
    inner join finest
        on
            known.facility_id = finest.facility_id
            and coalesce(known.account_no, 0) = finest.account_no
            and coalesce(known.item_id, known.udi_di) = finest.item_id
            and coalesce(known.lot, '') = finest.lot
    where known.num is not null
),

serial_axis as (
    select
        sized.*,
        sum(sized.parts) over (
            partition by
                sized.facility_id,
                sized.account_no,
                sized.item_id,
                sized.lot,
                sized.kind,
                sized.serial_key,
                sized.is_negative
            order by sized.used_at, sized.use_no
            rows between unbounded preceding and current row
        ) as hi
    from sized
    where sized.serial_key is not null
),

serial_pair as (
    select
        taker.use_no as taker_no,
        taken.use_no as taken_no,
        least(taker.hi, taken.hi) - greatest(taker.hi - taker.parts, taken.hi - taken.parts) as parts
    from serial_axis as taker
    inner join serial_axis as taken
        on
            taker.facility_id = taken.facility_id
            and taker.account_no = taken.account_no
            and taker.item_id = taken.item_id
            and taker.lot = taken.lot
            and taker.kind = taken.kind
            and taker.serial_key = taken.serial_key
            and taker.hi - taker.parts < taken.hi
            and taken.hi - taken.parts < taker.hi
    where taker.is_negative and not taken.is_negative
),

serial_side as (
    select
        taker_no as use_no,
        parts
    from serial_pair
    union all
    select
        taken_no as use_no,
        parts
    from serial_pair
),

gone as (
    select
        use_no,
        cast(sum(parts) as hugeint) as parts
    from serial_side
    group by use_no
),

rest as (
    select
        sized.use_no,
        sized.used_at,
        sized.facility_id,
        sized.account_no,
        sized.item_id,
        sized.lot,
        sized.kind,
        sized.is_negative,
        sized.parts - coalesce(gone.parts, 0) as parts
    from sized
    left join gone on sized.use_no = gone.use_no
    where gone.use_no is null or sized.parts > gone.parts
),

axis as (
    select
        rest.*,
        sum(rest.parts) over (
            partition by rest.facility_id, rest.account_no, rest.item_id, rest.lot, rest.kind, rest.is_negative
            order by rest.used_at, rest.use_no
            rows between unbounded preceding and current row
        ) as hi
    from rest
),

pair as (
    select
        taker.use_no as taker_no,
        taken.use_no as taken_no,
        least(taker.hi, taken.hi) - greatest(taker.hi - taker.parts, taken.hi - taken.parts) as parts
    from axis as taker
    inner join axis as taken
        on
            taker.facility_id = taken.facility_id
            and taker.account_no = taken.account_no
            and taker.item_id = taken.item_id
            and taker.lot = taken.lot
            and taker.kind = taken.kind
            and taker.hi - taker.parts < taken.hi
            and taken.hi - taken.parts < taker.hi
    where taker.is_negative and not taken.is_negative
),

side as (
    select
        use_no,
        parts
    from serial_side
    union all
    select
        taker_no as use_no,
        parts
    from pair
    union all
    select
        taken_no as use_no,
        parts
    from pair
)

select
    side.use_no,
    cast(
        cast(sum(side.parts) // min(sized.scale) as decimal(19, 0)) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    ) as base,
    cast(sum(side.parts) as hugeint) as parts,
    min(sized.scale) as scale
from side
inner join sized on side.use_no = sized.use_no
group by side.use_no
