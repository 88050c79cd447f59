-- W3, behind audiences.sql: the e-mail addresses of each person, hashed.
CREATE TEMP TABLE emails AS
SELECT DISTINCT user_id, sha256(lower(trim(email))) AS hash FROM (
    SELECT user_id, email FROM {events} WHERE email <> ''
    UNION ALL SELECT user_id, email FROM {contacts} WHERE email <> '');
