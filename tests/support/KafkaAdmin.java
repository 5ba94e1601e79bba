// create BROKERS TOPIC PARTITIONS | grow BROKERS TOPIC PARTITIONS | delete BROKERS TOPIC | configure BROKERS TOPIC NAME=VALUE
// | expire BROKERS TOPIC PARTITION=OFFSET…
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

public class KafkaAdmin {
  public static void main(String[] arguments) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) arguments[1]))) {
      if (arguments[0].equals("delete")) {
        admin.deleteTopics(List.of(arguments[2])).all().get();
        return;
      }
      if (arguments[0].equals("create")) {
        admin.createTopics(List.of(new NewTopic(arguments[2], Optional.of(Integer.valueOf(arguments[3])), Optional.empty())))
            .all().get();
        return;
      }
      if (arguments[0].equals("grow")) {
        admin.createPartitions(Map.of(arguments[2], NewPartitions.increaseTo(Integer.parseInt(arguments[3])))).all().get();
        return;
      }
      if (arguments[0].equals("expire")) {
        Map<TopicPartition, RecordsToDelete> before = new HashMap<>();
        for (int i = 3; i < arguments.length; i++) {
          String[] place = arguments[i].split("=");
          before.put(new TopicPartition(arguments[2], Integer.parseInt(place[0])),
                     RecordsToDelete.beforeOffset(Long.parseLong(place[1])));
        }
        admin.deleteRecords(before).all().get();
        return;
      }
      String[] setting = arguments[3].split("=", 2);
      AlterConfigOp change = new AlterConfigOp(new ConfigEntry(setting[0], setting[1]), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, arguments[2]), List.of(change)))
          .all().get();
    }
  }
}
