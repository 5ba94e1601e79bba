#include <gtest/gtest.h>

#include "base/log.h"

namespace penstock {
namespace {

TEST(Redact, CutsThePasswordOfUris) {
  EXPECT_EQ(redact("postgresql://penstock:geheim@db:5432/shop"), "postgresql://penstock:***@db:5432/shop");
  EXPECT_EQ(redact("cannot reach mongodb://u:p%40ss@a:1,b:2/?replicaSet=rs0 now"),
            "cannot reach mongodb://u:***@a:1,b:2/?replicaSet=rs0 now");
  EXPECT_EQ(redact("mongodb+srv://u:p@h/x and postgres://v:q@h/y"),
            "mongodb+srv://u:***@h/x and postgres://v:***@h/y");
}

TEST(Redact, LeavesUrisWithoutPasswordAlone) {
  for (const char* text :
       {"postgresql://penstock@127.0.0.1:5432/shop", "mongodb://127.0.0.1:27017/?replicaSet=rs0",
        "http://h:80/path", "postgresql://h:5432/db?user=a"})
    EXPECT_EQ(redact(text), text);
}

TEST(Redact, CutsPasswordsThatAreNotEncodedAsTheyShould) {
  EXPECT_EQ(redact("postgresql://u:a@b@h/db"), "postgresql://u:***@h/db");
  EXPECT_EQ(redact("postgresql://u:a/b@h/db"), "postgresql://u:***@h/db");
  EXPECT_EQ(redact("postgresql://u:a?b@h/db"), "postgresql://u:***@h/db");
}

TEST(Redact, CutsConninfoAndQueryPasswords) {
  EXPECT_EQ(redact("host=h password=geheim user=u"), "host=h password=*** user=u");
  EXPECT_EQ(redact("password = 'it''s \\' me' user=u"), "password = *** user=u");
  EXPECT_EQ(redact("sslpassword=x host=h"), "sslpassword=*** host=h");
  EXPECT_EQ(redact("postgresql://h/db?password=geheim&sslmode=require"),
            "postgresql://h/db?password=***&sslmode=require");
  EXPECT_EQ(redact("PASSWORD=Geheim"), "PASSWORD=***");
}

TEST(Redact, CutsPasswordsInDoubleQuotes) {
  EXPECT_EQ(redact(R"(required username="u" password="geh eim";)"), R"(required username="u" password=***;)");
}

TEST(Redact, CutsPasswordsInSql) {
  EXPECT_EQ(redact("CREATE ROLE p LOGIN PASSWORD 'ge''heim' REPLICATION;"),
            "CREATE ROLE p LOGIN PASSWORD *** REPLICATION;");
}

TEST(Redact, LeavesOtherWordsAlone) {
  for (const char* text :
       {"no password supplied", "column \"my_password\"", "my_password=1", "password authentication failed"})
    EXPECT_EQ(redact(text), text);
}

}  // namespace
}  // namespace penstock
