import { Interview } from "../../components/interview";
import content from "../../content/en.json";

export default function Email() {
  return <Interview {...content} />;
}
