import psycopg2

url = environment(settings["environment"])["DATABASE_URL"]


def connect():
    connection = psycopg2.connect(url, connect_timeout=20)
    connection.autocommit = True
    return connection


def write(connection, key):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO drill.writes (run, id) VALUES (%s, %s)", (settings["run"], key))


def close(connection):
    try:
        connection.close()
    except psycopg2.Error:
        pass


run(connect, write, close)
