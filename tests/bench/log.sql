-- W4: the audiences of log.json. {events} is the log read as blank-separated values with
-- quotes: ip, t, request, status, agent.
CREATE TEMP TABLE people AS
WITH hits AS (
    SELECT ip, agent, strptime(t, '[%d/%b/%Y:%H:%M:%S') AS t,
        split_part(request, ' ', 2) AS target, starts_with(target, '/px.gif?') AS pixel
    FROM {events}
    WHERE starts_with(request, 'GET ') AND status BETWEEN 200 AND 299
        AND NOT regexp_matches(agent,
            '[Bb]ot|externalhit|python-requests|curl/|Wget/')),
events AS (
    SELECT ip, agent, t, target,
        CASE WHEN pixel THEN regexp_extract(target, '[?&]ev=([^&]*)', 1)
            ELSE 'page_view' END AS type,
        CASE WHEN pixel THEN try_cast(regexp_extract(target, '[?&]v=([^&]*)', 1)
            AS DECIMAL(18, 2)) END AS value,
        CASE WHEN pixel THEN try_cast(regexp_extract(target, '[?&]percent=([^&]*)', 1)
            AS INTEGER) END AS percent
    FROM hits
    WHERE pixel OR NOT regexp_matches(split_part(target, '?', 1),
        '\.(js|css|svg|woff2|ico|jpg)$'))
SELECT ip, agent,
    max(t) AS last_any,
    max(t) FILTER (type = 'cart') AS last_cart,
    max(t) FILTER (type = 'purchase') AS last_purchase,
    count(*) FILTER (type = 'view') AS views,
    count(*) FILTER (type = 'purchase') AS purchases,
    coalesce(sum(value) FILTER (type = 'purchase'), 0) AS spent,
    bool_or(type = 'page_view' AND starts_with(target, '/c/electronics')) AS category,
    bool_or(type = 'page_view' AND regexp_matches(target, '[?&]utm_source=google')) AS campaign,
    coalesce(bool_or(type = 'video_progress' AND percent >= 50), false) AS video
FROM events GROUP BY ip, agent;
-- list recent
SELECT {key} FROM people WHERE last_any > {as_of} - INTERVAL 7 DAY;
-- list cart-abandoners
SELECT {key} FROM people
WHERE last_cart IS NOT NULL AND (last_purchase IS NULL OR last_purchase < last_cart);
-- list viewers
SELECT {key} FROM people WHERE views >= 3 AND purchases = 0;
-- list spenders
SELECT {key} FROM people WHERE purchases > 0 AND spent >= 100;
-- list category
SELECT {key} FROM people WHERE category;
-- list campaign
SELECT {key} FROM people WHERE campaign;
-- list lapsed
SELECT {key} FROM people WHERE last_any <= {as_of} - INTERVAL 60 DAY;
-- list video
SELECT {key} FROM people WHERE video;
